package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.models.assets.EmojiStyle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Runs whose reward is a graph, from the configuration to the weights. */
@Timeout(300)
class RewardGraphCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private TinyRuns runs;

  @BeforeEach
  void name() {
    runs = new TinyRuns(folder);
  }

  private static List<String> command(String name, List<String> settings, String... more) {
    return Stream.of(Stream.of(name), settings.stream(), Stream.of(more))
        .flatMap(parts -> parts)
        .toList();
  }

  @Test
  void shouldTrainAsTheSumDoesWhereTheGraphIsTheSum() throws IOException {
    Cli.done(command("train", runs.settings("sum")));
    Cli.done(
        command(
            "train",
            runs.settings("graph"),
            "reward.graph.sum=[adversarial, {leaf=jpeg, weight=0}]"));
    assertEquals(runs.policyHash("sum"), runs.policyHash("graph"));
    assertTrue(
        runs.lastLine("graph").toString().contains("reward/jpeg"), "a leaf of weight 0 is scored");
    assertEquals(
        runs.lastLine("sum").findValue("reward/total"),
        runs.lastLine("graph").findValue("reward/total"));
  }

  @Test
  void shouldGoOnAsIfItHadNotStopped() throws IOException {
    Path own =
        Files.writeString(
            folder.resolve("graph.conf"),
            """
            reward.graph.sum = [
              { normalise = adversarial, over = step, weight = 0.7, name = look }
              { normalise = { clip = jpeg, from = -1, to = 0 }, over = group, weight = 0.3 }
            ]
            """);
    String file = "--config=" + own;
    Cli.done(command("train", runs.settings("whole"), file));
    Cli.done(command("train", runs.settings("parts"), file, "run.steps=2"));
    Cli.done("train", "--resume", folder.resolve("parts").toString(), "run.steps=3");
    assertEquals(runs.policyHash("whole"), runs.policyHash("parts"));
    Cli.done(command("train", runs.settings("sum")));
    assertNotEquals(runs.policyHash("sum"), runs.policyHash("whole"));
    assertEquals(0, runs.lastLine("whole").findValue("graph/look").asDouble(), 1e-9);
    Cli.done("verify", folder.resolve("parts").toString());
    Path card = folder.resolve("card");
    Cli.done("export-lora", folder.resolve("parts").toString(), "--out", card.toString());
    String text = Files.readString(card.resolve("README.md"));
    assertTrue(text.contains("Reward: a graph of adversarial, jpeg."), text);
    Cli changed =
        Cli.run("train", "--resume", folder.resolve("parts").toString(), "reward.graph=jpeg");
    assertEquals(2, changed.code());
    assertTrue(changed.err().get(0).contains("reward.graph cannot change"), changed.err().get(0));
  }

  @Test
  void shouldRouteByWhatTheCaptionsFileSaysAndNameCasesOfNone() throws IOException {
    OwnData data = OwnData.write(folder.resolve("data"), EmojiStyle.FLAT);
    Files.writeString(
        data.prompts(),
        """
        {"prompt": "fox", "kind": "animal"}
        {"prompt": "house"}
        """);
    String graph =
        "reward.graph={route=kind, cases { animal = { leaf = jpeg, weight = 500 }, machine = 1 },"
            + " default = adversarial}";
    Cli plan = Cli.done(command("plan", data.settings(), graph));
    for (String line :
        """
        reward      route by kind
                      animal: 500.0 x jpeg
                      machine: 1.0
                      default: adversarial"""
            .lines()
            .toList()) {
      assertTrue(plan.out().contains(line + "\n"), plan.out());
    }
    List<String> warnings =
        warnings(
            () ->
                Cli.done(
                    command(
                        "train", data.settings(), "run.dir=" + folder.resolve("routed"), graph)));
    assertEquals(
        List.of(
            "data.prompts: no prompt has \"kind\": \"machine\", for which the graph has a case; the"
                + " nearest value is \"animal\""),
        warnings);
    // Both captions are drawn in each step: one group is paid about -1 by jpeg, one by the critic.
    JsonNode line = runs.lastLine("routed");
    double routed = line.findValue("reward/total").asDouble();
    assertNotEquals(line.findValue("reward/adversarial").asDouble(), routed, 1e-6);
    assertNotEquals(500 * line.findValue("reward/jpeg").asDouble(), routed, 1e-6);
    Files.writeString(data.prompts(), "{\"prompt\": \"fox\", \"kind\": [\"animal\"]}\n");
    Cli list = Cli.run(command("plan", data.settings(), graph));
    assertEquals(2, list.code());
    assertTrue(
        list.err().get(0).contains("data.prompts: prompt \"fox\" has \"kind\": [\"animal\"]"),
        list.err().get(0));
  }

  private static List<String> warnings(Runnable command) {
    Logger log = (Logger) LoggerFactory.getLogger(Assembly.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      command.run();
    } finally {
      log.detachAppender(logged);
    }
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void shouldRefuseAGraphThatDoesNotFitTheRun() {
    Cli alone =
        Cli.run(
            command(
                "plan",
                runs.settings("alone"),
                "rollout.group-size=1",
                "learner.advantage.weighting=rwr",
                "reward.graph={normalise=jpeg, over=group}"));
    assertEquals(2, alone.code());
    assertTrue(
        alone.err().get(0).contains("rollout.group-size: graph normalises over groups of 1 image"),
        alone.err().get(0));
    assertRefused(
        "learner.flat-groups is replace: graph has \"normalise over the step\"",
        "learner.flat-groups=replace",
        "reward.graph={normalise=jpeg, over=step}");
    assertRefused(
        "learner.flat-groups is drop, but advantage.weighting rwr also learns from samples of equal reward",
        "learner.flat-groups=drop",
        "learner.advantage.weighting=rwr");
    assertRefused(
        "learner.advantage.weighting is graph, but this run has no reward.graph",
        "learner.advantage.weighting=graph");
    assertRefused(
        "learner.advantage.weighting is graph: graph does not normalise \"jpeg\"",
        "learner.advantage.weighting=graph",
        "reward.graph.sum=[{normalise=adversarial, over=group}, jpeg]");
  }

  private void assertRefused(String words, String... settings) {
    Cli refused = Cli.run(command("plan", runs.settings("refused"), settings));
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().get(0).contains(words), refused.err().get(0));
  }

  /** No score is as high as the gate asks, so that every image has the reward 0. */
  @Test
  void shouldReplaceOrDropFlatGroupsAndSaySo() throws IOException {
    String graph = "reward.graph={gate=adversarial, threshold=1e9, open=adversarial, shut=0}";
    Cli.done(
        command(
            "train",
            runs.settings("replaced"),
            graph,
            "learner.flat-groups=replace",
            "learner.flat-replacements=1"));
    JsonNode summary = JSON.readTree(folder.resolve("replaced/summary.json").toFile());
    assertEquals(6, summary.get("groupsDropped").asInt(), "each of six groups, once");
    assertEquals(6, summary.get("groupsTrained").asInt());
    assertEquals(2, runs.lastLine("replaced").findValue("reward/replaced-groups").asInt());
    Cli verified = Cli.done("verify", folder.resolve("replaced").toString());
    assertTrue(verified.out().lines().anyMatch("verified"::equals), verified.out());
    Cli.done(command("train", runs.settings("dropped"), graph, "learner.flat-groups=drop"));
    assertEquals(2, runs.lastLine("dropped").findValue("policy/dropped-groups").asInt());
    assertEquals(0, runs.lastLine("dropped").findValue("policy/updates").asInt());
    String ledger = Files.readString(folder.resolve("dropped/ledger"));
    String begun =
        JSON.readTree(ledger.lines().findFirst().orElseThrow()).get("policyHash").asText();
    assertEquals(begun, runs.policyHash("dropped"), "no group was left to learn from");
  }

  /** Each part is normalised by itself, and the limit is all that is done to their sum. */
  @Test
  void shouldTakeWhatAGraphMakesAsTheAdvantage() throws IOException {
    Cli.done(
        command(
            "train",
            runs.settings("advantages"),
            "learner.advantage.weighting=graph",
            "learner.advantage.limit=1.5",
            "reward.graph.sum=[{normalise=adversarial, over=group}, {normalise=jpeg, over=group}]"));
    Cli verified = Cli.done("verify", folder.resolve("advantages").toString());
    assertTrue(verified.out().lines().anyMatch("verified"::equals), verified.out());
    int seen = 0;
    for (String line : Files.readAllLines(folder.resolve("advantages/ledger"))) {
      JsonNode entry = JSON.readTree(line);
      for (int i = 0; i < entry.path("rewards").size(); i++) {
        double reward = entry.get("rewards").get(i).floatValue();
        double expected = Math.max(-1.5, Math.min(1.5, reward));
        assertEquals(expected, entry.get("advantages").get(i).doubleValue());
        seen++;
      }
    }
    assertEquals(12, seen);
  }
}
