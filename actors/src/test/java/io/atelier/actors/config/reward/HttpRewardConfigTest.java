package io.atelier.actors.config.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.reward.HttpRewardConfig.Format;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.config.section.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRewardConfigTest {

  private static final String URL = "reward.http.style.url=http://127.0.0.1:8000/score?model=2";

  @TempDir Path folder;

  @Test
  void shouldTakeFromTheReferenceWhatAServerLeavesOut() {
    TrainConfig config =
        TrainConfig.load(
            "dev",
            "reward.http.other.url=https://host.example",
            "reward.http.other.images=raw",
            "reward.http.other.patience=0s",
            URL);
    assertEquals(
        List.of(
            new HttpRewardConfig(
                "other",
                1,
                Format.RAW,
                new ServerConfig(
                    "reward.http.other",
                    URI.create("https://host.example"),
                    Duration.ofMinutes(1),
                    Duration.ZERO,
                    4,
                    1024)),
            new HttpRewardConfig(
                "style",
                1,
                Format.PNG,
                new ServerConfig(
                    "reward.http.style",
                    URI.create("http://127.0.0.1:8000/score?model=2"),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(30),
                    4,
                    1024))),
        config.reward().http());
    TrainConfig none = TrainConfig.load("dev");
    assertEquals(List.of(), none.reward().http());
    assertTrue(
        none.deciding().keySet().stream().noneMatch(key -> key.startsWith("reward.http")),
        "a run without servers would be another than before there were any");
  }

  /** What a run folder holds is whole, has no NAME, and is read and changed as it was written. */
  @Test
  void shouldBeReadBackFromARunFolder() throws IOException {
    TrainConfig config = TrainConfig.load("dev", URL, "reward.http.style.weight=0.5");
    String text = config.render();
    assertFalse(text.contains("NAME {"), text);
    Path file = Files.writeString(folder.resolve("config.conf"), text);
    TrainConfig again = TrainConfig.read(file, List.of("reward.http.style.timeout=5s"));
    assertEquals(
        Duration.ofSeconds(5),
        again.with("reward.http.b.url=http://b").reward().http().get(1).server().timeout());
    assertEquals(config.deciding(), again.deciding());
    assertEquals(config.reward(), config.with("run.dir=/r").reward());
  }

  /** As nobody can tell whether another server gives the same scores. */
  @Test
  void shouldTakeTheUrlForPartOfTheResultThatAPersonMayChange() {
    String key = "reward.http.style.url";
    TrainConfig config = TrainConfig.load("dev", URL);
    assertEquals("http://127.0.0.1:8000/score?model=2", config.deciding().get(key));
    assertTrue(TrainConfig.changeable(key));
  }

  @ParameterizedTest
  @ValueSource(strings = {"timeout=5s", "patience=1s", "parallel=2", "cache=0"})
  void shouldLetChangeWhatChangesNoScore(String pair) {
    String key = "reward.http.style." + pair;
    assertTrue(TrainConfig.changeable(key.substring(0, key.indexOf('='))));
    assertEquals(
        TrainConfig.load("dev", URL).deciding(), TrainConfig.load("dev", URL, key).deciding());
  }

  @ParameterizedTest
  @ValueSource(strings = {"weight=2", "images=raw"})
  void shouldNotLetChangeWhatMayChangeAScore(String pair) {
    String key = "reward.http.style." + pair;
    assertFalse(TrainConfig.changeable(key.substring(0, key.indexOf('='))));
    assertFalse(
        TrainConfig.load("dev", URL)
            .deciding()
            .equals(TrainConfig.load("dev", URL, key).deciding()));
  }

  @Test
  void shouldBeAllThatIsRewarded() {
    TrainConfig config = TrainConfig.load("dev", URL, "reward.adversarial.weight=0");
    assertEquals(1, config.reward().served().size());
    String none =
        assertThrows(InvalidConfigException.class, () -> config.with("reward.http.style.weight=0"))
            .getMessage();
    assertTrue(none.contains("one must be positive"), none);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reward.http.a.weight=1 | reward.http.a.url is empty | must say where to post",
        "reward.http.a.url=host:80 | reward.http.a.url is host:80, must begin with http:// | command line",
        "reward.http.a.url=ftp://host/ | reward.http.a.url is ftp://host/, must begin with http:// | command line",
        "reward.http.a.url=/score | reward.http.a.url is /score, must begin | command line",
        "reward.http.a.url=http:///score | reward.http.a.url is http:///score, | host",
        "reward.http.a.url=http://my_host/ | reward.http.a.url is http://my_host/, must name a host | hyphens",
        "reward.http.a.url=http://host:0/ | reward.http.a.url is http://host:0/, whose port | 65535",
        "reward.http.a.url=http://host:65536/ | whose port must be 1 to 65535 | command line",
        "reward.http.a.url=http://me:secret@host/ | reward.http.a.url has a user name | leave it out",
        "reward.http.a.url=http://host/#a | must have no part after # | command line",
        "reward.http.a.url=http://host/a b | which is not a URL | Illegal character",
        "reward.http.style.images=jpeg | reward.http.style.images = \"jpeg\" must be one of png, raw | line",
        "reward.http.style.timeout=0s | reward.http.style.timeout is PT0S, must be above 0 | line",
        "reward.http.style.timeout=5 | reward.http.style.timeout = \"5\" must be a length of time | line",
        "reward.http.style.patience=-1s | reward.http.style.patience is PT-1S, must not be negative | line",
        "reward.http.style.parallel=0 | reward.http.style.parallel is 0, must be at least 1 | line",
        "reward.http.style.cache=-1 | reward.http.style.cache is -1, must not be negative | line",
        "reward.http.style.weight=-1 | reward.http.style.weight is -1.0, must not be negative | line",
        "reward.http.style.timeot=5s | unknown key reward.http.style.timeot | did you mean reward.http.style.timeout?",
        "reward.http.NAME.timeout=5s | \"NAME\" is no name for a reward | such as style",
        "reward.http.jpeg.url=http://host/ | reward.http.jpeg has the name of another part | another",
        "reward.http.total.url=http://host/ | reward.http.total has the name of another part of the reward, or of their sum | another",
        "reward.http.adversarial.url=http://host/ | reward.http.adversarial has the name | another",
        "reward.http.ocr.url=http://host/ | reward.http.ocr has the name of another part | another",
        "reward.http.aesthetic.url=http://host/ | reward.http.aesthetic has the name | another",
        "reward.critics.style.weight=1 | reward.http.style has the name of another part | another",
        "reward.http=http://host/ | reward.http is a section | NAME.weight and others, NAME being that of a reward",
        "http.style.timeout=5s | unknown key http.style.timeout | did you mean reward.http.style.timeout?",
        "reward.http.style.encoder=a | unknown key reward.http.style.encoder | did you mean reward.http.style.",
        "reward.graph=stile | reward.graph names the reward \"stile\" | did you mean style?",
        "reward.http.style.patience=9m | reward-lease is PT10M, must be more than reward.http.style.patience | PT11M",
      })
  void shouldNameWhatIsWrong(String pair, String begin, String end) {
    String told =
        assertThrows(InvalidConfigException.class, () -> TrainConfig.load("dev", URL, pair))
            .getMessage();
    assertTrue(told.contains(begin) && told.contains(end), told);
    assertFalse(told.contains("secret"), told);
  }
}
