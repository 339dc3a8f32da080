package io.atelier.actors.config.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.JudgeConfig.Format;
import io.atelier.actors.config.reward.JudgeConfig.Pairs;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeConfigTest {

  private static final String URL =
      "reward.judge.taste.url=http://127.0.0.1:8000/v1/chat/completions";
  private static final String MODEL = "reward.judge.taste.model=vlm";

  @TempDir Path folder;

  private static TrainConfig load(String... more) {
    List<String> pairs = new ArrayList<>(List.of(URL, MODEL));
    pairs.addAll(Arrays.asList(more));
    return TrainConfig.load("dev", pairs.toArray(String[]::new));
  }

  private static JudgeConfig judge(String... more) {
    return load(more).reward().judges().get(0);
  }

  @Test
  void shouldTakeFromTheReferenceWhatAJudgeLeavesOut() {
    JudgeConfig judge = judge("reward.judge.taste.pairs=anchor", "reward.judge.taste.images=jpeg");
    assertEquals("taste", judge.name());
    assertEquals("reward.judge.taste", judge.section());
    assertEquals(
        new ServerConfig(
            "reward.judge.taste",
            URI.create("http://127.0.0.1:8000/v1/chat/completions"),
            Duration.ofMinutes(1),
            Duration.ofSeconds(30),
            8,
            16384),
        judge.server());
    assertEquals(Pairs.ANCHOR, judge.pairs());
    assertEquals(Format.JPEG, judge.question().images());
    assertTrue(judge.question().bothOrders());
    assertEquals(1, judge.question().votes());
    assertEquals(0, judge.question().temperature());
    assertEquals(1024, judge.question().maxTokens());
    assertTrue(judge.question().instruction().contains("\n"), "lines of the default");
    TrainConfig none = TrainConfig.load("dev");
    assertEquals(List.of(), none.reward().judges());
    assertTrue(
        none.deciding().keySet().stream().noneMatch(key -> key.startsWith("reward.judge")),
        "a run without judges would be another than before there were any");
  }

  @Test
  void shouldBeReadBackFromARunFolder() throws IOException {
    TrainConfig config = load("reward.judge.taste.instruction=For {prompt}: \"A\" or {B}?");
    assertEquals(
        "For {prompt}: \"A\" or {B}?", config.reward().judges().get(0).question().instruction());
    Path file = Files.writeString(folder.resolve("config.conf"), config.render());
    TrainConfig again = TrainConfig.read(file, List.of());
    assertEquals(config.deciding(), again.deciding());
    assertEquals(config.reward(), again.reward());
  }

  @ParameterizedTest
  @ValueSource(strings = {"timeout=5s", "patience=1s", "parallel=9", "cache=0", "key-variable=KEY"})
  void shouldLetChangeWhatChangesNoAnswer(String pair) {
    String key = "reward.judge.taste." + pair;
    assertTrue(TrainConfig.changeable(key.substring(0, key.indexOf('='))));
    assertEquals(load().deciding(), load(key).deciding());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "weight=2",
        "model=other",
        "instruction=of {prompt}",
        "pairs=anchor",
        "images=jpeg",
        "both-orders=false",
        "temperature=1",
        "max-tokens=9",
        "log-probabilities=false"
      })
  void shouldNotLetChangeWhatMayChangeAnAnswer(String pair) {
    String key = "reward.judge.taste." + pair;
    assertFalse(TrainConfig.changeable(key.substring(0, key.indexOf('='))));
    assertNotEquals(load().deciding(), load(key).deciding());
  }

  @Test
  void shouldTakeTheUrlForPartOfTheResultThatAPersonMayChange() {
    String key = "reward.judge.taste.url";
    assertEquals("http://127.0.0.1:8000/v1/chat/completions", load().deciding().get(key));
    assertTrue(TrainConfig.changeable(key));
  }

  /** As docs/judges.md has them. */
  @ParameterizedTest
  @CsvSource({
    "4, all, true, 1, 12",
    "8, anchor, true, 1, 16",
    "8, all, false, 1, 28",
    "8, all, true, 1, 56",
    "8, all, true, 5, 280",
    "16, all, true, 1, 240",
    "24, all, true, 1, 552",
    "24, anchor, true, 1, 48",
    "1, anchor, false, 1, 1"
  })
  void shouldCountCalls(int images, String pairs, boolean orders, int votes, long calls) {
    JudgeConfig judge =
        judge(
            "reward.judge.taste.pairs=" + pairs,
            "reward.judge.taste.both-orders=" + orders,
            "reward.judge.taste.votes=" + votes,
            "reward.judge.taste.temperature=1",
            "limits.reward-lease=10h");
    assertEquals(calls, judge.calls(images));
  }

  /** 56 calls, 8 at a time, are 7 minutes; of two workers 14; and patience. */
  @Test
  void shouldKnowHowLongAGroupMayTake() {
    assertEquals(Duration.ofSeconds(450), judge().longest(8, 1));
    assertEquals(Duration.ofSeconds(870), judge().longest(8, 2));
    String told =
        assertThrows(InvalidConfigException.class, () -> load("workers.reward=2")).getMessage();
    assertTrue(
        told.contains(
            "limits.reward-lease is PT10M, must be more than PT14M30S, which a group of 8 images"
                + " may take: 56 calls of reward.judge.taste.timeout, parallel at a time for each"
                + " of workers.reward, and patience"),
        told);
    load("workers.reward=2", "reward.judge.taste.parallel=16");
    load("workers.reward=2", "reward.judge.taste.weight=0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.judge.a.model=m | reward.judge.a.url is empty | as in"
            + " http://127.0.0.1:8000/v1/chat/completions",
        "reward.judge.taste.model= | reward.judge.taste.model is empty | as the server calls it",
        "reward.judge.taste.instruction=Which? | reward.judge.taste.instruction has no {prompt} |"
            + " command line",
        "reward.judge.taste.votes=0 | reward.judge.taste.votes is 0, must be at least 1 | command"
            + " line",
        "reward.judge.taste.votes=3 | reward.judge.taste.votes is 3, which needs a temperature"
            + " above 0 | command line",
        "reward.judge.taste.temperature=2.5 | reward.judge.taste.temperature is 2.5, must be 0 to 2"
            + " | command line",
        "reward.judge.taste.max-tokens=0 | reward.judge.taste.max-tokens is 0, must be at least 1 |"
            + " command line",
        "reward.judge.taste.pairs=some | reward.judge.taste.pairs = \"some\" must be one of all,"
            + " anchor | line",
        "reward.judge.taste.images=raw | reward.judge.taste.images = \"raw\" must be one of png,"
            + " jpeg | line",
        "reward.judge.taste.both-orders=2 | reward.judge.taste.both-orders = 2 must be true or"
            + " false | line",
        "reward.judge.taste.weight=-1 | reward.judge.taste.weight is -1.0, must not be negative |"
            + " line",
        "reward.judge.taste.key-variable=sk-secret | reward.judge.taste.key-variable must be the"
            + " name of an environment variable | never the key",
        "reward.judge.taste.vote=3 | unknown key reward.judge.taste.vote | did you mean"
            + " reward.judge.taste.votes?",
        "reward.judge.NAME.votes=3 | \"NAME\" is no name for a judge | such as style",
        "reward.judge.jpeg.model=m | reward.judge.jpeg has the name of another part | another",
        "reward.http.taste.url=http://host/ | reward.judge.taste has the name of another part |"
            + " another",
        "reward.judge=http://host/ | reward.judge is a section | NAME.weight and others, NAME being"
            + " that of a judge",
        "reward.graph=tast | reward.graph names the reward \"tast\" | did you mean taste?",
      })
  void shouldNameWhatIsWrong(String pair, String begin, String end) {
    String told = assertThrows(InvalidConfigException.class, () -> load(pair)).getMessage();
    assertTrue(told.contains(begin) && told.contains(end), told);
    assertFalse(told.contains("secret"), told);
  }
}
