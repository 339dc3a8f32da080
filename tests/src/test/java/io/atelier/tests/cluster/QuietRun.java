package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.RunVerification;
import io.atelier.reward.sum.RewardSum;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A run in this JVM that nothing disturbs: how those over several processes are to end, too. */
final class QuietRun {

  private record Trained(int step, String policyHash, String criticHash, long groups) {}

  private final List<Trained> steps;

  private QuietRun(List<Trained> steps) {
    this.steps = steps;
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
    settings.add("critic.replay-capacity=16");
    settings.addAll(List.of(more));
    return settings;
  }

  /** Trains to the end, with {@link #settings}. */
  static QuietRun of(Path run, String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of("train"));
    command.addAll(settings(run, more));
    command.add("checkpoint.every=1000"); // nobody goes on from them
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    return new QuietRun(steps(run));
  }

  /** The same with a reward of a program. */
  static QuietRun of(Path run, RewardSum reward, String... more) throws IOException {
    List<String> settings = settings(run, more);
    settings.add("checkpoint.every=1000");
    TrainConfig config = TrainConfig.load("dev", settings.toArray(String[]::new));
    try (RunHandle inProcess = Atelier.start(config, reward)) {
      inProcess.await();
    }
    return new QuietRun(steps(run));
  }

  /** What a shorter run with the same settings is: its first steps. */
  QuietRun first(int count) {
    return new QuietRun(steps.subList(0, count));
  }

  private static List<Trained> steps(Path run) throws IOException {
    return LedgerFile.read(new RunFiles(run).ledger()).entries().stream()
        .filter(LedgerEntry.Step.class::isInstance)
        .map(LedgerEntry.Step.class::cast)
        .map(s -> new Trained(s.step(), s.policyHash(), s.criticHash(), s.counts().trained()))
        .toList();
  }

  /** The other run has the same weights after every step, and its ledger balances. */
  void assertSame(Path run, LocalCluster cluster) throws IOException {
    assertSame(run, cluster::output);
  }

  /**
   * The same.
   *
   * @param said what there is to know when it is not so
   */
  void assertSame(Path run, Supplier<String> said) throws IOException {
    assertEquals(List.of(), RunVerification.of(new RunFiles(run)).problems(), said);
    assertEquals(steps, steps(run), said);
  }
}
