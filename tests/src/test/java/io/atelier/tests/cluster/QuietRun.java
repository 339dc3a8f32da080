package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunVerification;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A run in this JVM that nothing disturbs: how those over several processes are to end, too. */
final class QuietRun {

  private final JsonNode summary;

  private QuietRun(JsonNode summary) {
    this.summary = summary;
  }

  /**
   * What the runs of these tests have in common.
   *
   * @param run the run folder
   * @param more {@code key=value} pairs, of which the last one of a key counts
   */
  static List<String> settings(Path run, String... more) {
    List<String> settings = new ArrayList<>(List.of("run.dir=" + run));
    settings.add("model.path=" + TinyPipeline.path());
    settings.addAll(TinyPipeline.SHORT);
    settings.add("schedule.mode=fixed-lag");
    settings.add("schedule.policy-lag=1");
    settings.add("schedule.critic-lag=1");
    settings.add("data.through-vae=false");
    settings.add("workers.rollout=1");
    settings.add("workers.reward=1");
    settings.addAll(List.of(more));
    return settings;
  }

  /** Trains to the end, with {@link #settings}. */
  static QuietRun of(Path run, String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of("train"));
    command.addAll(settings(run, more));
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    return new QuietRun(summary(run));
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(new RunFiles(run).summary().toFile());
  }

  /** The other run ended with the same weights, and its ledger balances. */
  void assertSame(Path run, LocalCluster cluster) throws IOException {
    assertEquals(List.of(), RunVerification.of(new RunFiles(run)).problems(), cluster::output);
    JsonNode other = summary(run);
    for (String key : List.of("steps", "policyHash", "criticHash", "groupsTrained")) {
      assertEquals(summary.get(key), other.get(key), key);
    }
  }
}
