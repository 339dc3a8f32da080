package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.RunVerification;
import io.atelier.tests.cli.AtelierJvm;
import io.atelier.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The script for Slurm, as it is shipped, with Slurm. */
@Timeout(1800)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class SlurmTest {

  private static final int STEPS = 10;

  private static final List<String> SETTINGS =
      List.of(
          "run.steps=" + STEPS,
          "run.seed=7",
          "learner.groups-per-step=2",
          "rollout.group-size=4",
          "evaluation.every=0",
          "schedule.mode=fixed-lag",
          "schedule.policy-lag=1",
          "schedule.critic-lag=1",
          "page.port=-1");

  @TempDir Path folder;

  private static List<String> hashes(Path run) throws IOException {
    return LedgerFile.read(new RunFiles(run).ledger()).entries().stream()
        .filter(LedgerEntry.Step.class::isInstance)
        .map(LedgerEntry.Step.class::cast)
        .map(s -> "%d %s %s".formatted(s.step(), s.policyHash(), s.criticHash()))
        .toList();
  }

  /** {@code ./atelier} with the classes of the tests. */
  private Path launcher() throws IOException {
    String java = String.join("' '", AtelierJvm.command("512m", List.of(), List.of()));
    Path file = folder.resolve("atelier");
    Files.writeString(file, "#!/usr/bin/env bash\nexec '%s' \"$@\"\n".formatted(java));
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  /** The process of a node; the JVM does not tell arguments that are longer than a page. */
  private static ProcessHandle node(Path run, String role) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process :
          processes.filter(p -> p.getFileName().toString().matches("[0-9]+")).toList()) {
        List<String> arguments = List.of(read(process.resolve("cmdline")).split("\\x00"));
        if (arguments.get(0).endsWith("/java")
            && arguments.contains("run.dir=" + run)
            && arguments.contains(role)) {
          return ProcessHandle.of(Long.parseLong(process.getFileName().toString())).orElseThrow();
        }
      }
    }
    throw new AssertionError("no node is " + role);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // it is not there yet, or no longer
    }
  }

  /** Two machines with two tasks each; returns the number of the job. */
  private String submit(SlurmCluster slurm, Path output, Path run) throws Exception {
    Path checkout = Path.of(System.getProperty("atelier.root", "..")).toRealPath();
    List<String> command = new ArrayList<>(List.of("sbatch", "--parsable", "--nodes=2"));
    command.addAll(List.of("--ntasks-per-node=2", "--gpus-per-node=2", "--cpus-per-task=1"));
    command.add("--output=" + output);
    command.add(checkout.resolve("cluster-conf/slurm/atelier.sbatch").toString());
    command.addAll(SETTINGS);
    command.addAll(List.of("run.dir=" + run, "cluster.trust-network=true"));
    Map<String, String> environment =
        Map.of(
            "ATELIER", launcher().toString(), "ATELIER_INTERFACE", "eth0", "ATELIER_DEVICE", "cpu");
    return slurm.run(checkout, environment, command.toArray(String[]::new)).strip();
  }

  /** All others would wait for a leader until the time limit. */
  @Test
  void shouldEndTheJobWhenTheFirstLearnerFindsThatItCannotLead() throws Exception {
    Path output = folder.resolve("output");
    Path run = folder.resolve("run");
    List<String> alone = new ArrayList<>(List.of("train", "run.dir=" + run));
    alone.addAll(SETTINGS);
    alone.add("run.steps=1");
    Cli.done(alone); // a cluster does not go on with it
    try (SlurmCluster slurm = SlurmCluster.start(Files.createDirectory(folder.resolve("slurm")))) {
      String job = submit(slurm, output, run);
      Chaos.await(
          () -> List.of("FAILED", "CANCELLED").contains(slurm.state(job)),
          300,
          () -> slurm.state(job) + "\n" + read(output) + slurm.logs());
      assertTrue(
          read(output).contains("nobody can lead the run; ending the job"), () -> read(output));
      assertTrue(read(output).contains("1: node 10.77.0"), "no worker waited: " + read(output));
    }
  }

  /**
   * A node is killed; then Slurm says that the time limit is near, as {@code --signal} does, and
   * starts the job again. The weights are those of a run in one process.
   */
  @Test
  void shouldEndAsOneProcessDoesThoughANodeIsKilledAndTheTimeIsUp() throws Exception {
    Path run = folder.resolve("run");
    Path output = folder.resolve("output");
    try (SlurmCluster slurm = SlurmCluster.start(Files.createDirectory(folder.resolve("slurm")))) {
      String job = submit(slurm, output, run);
      RunProgress progress = new RunProgress(run);
      Chaos.await(() -> progress.trained() >= 2, 400, () -> read(output) + slurm.logs());
      ProcessHandle victim = node(run, "rollout,reward");
      assertTrue(victim.destroyForcibly());
      Chaos.await(
          () -> read(output).contains("the node died with 137; starting it again in 1 s"),
          60,
          () -> read(output));
      Chaos.await(() -> progress.trained() >= 4, 400, () -> read(output));
      slurm.run("scancel", "--batch", "--signal=USR1", job);
      Chaos.await(
          () -> slurm.state(job).equals("COMPLETED"),
          600,
          () -> slurm.state(job) + "\n" + read(output) + slurm.logs());
    }
    String said = read(output);
    for (String part :
        List.of(
            ", start 1: seeds 10.77.0.1:",
            "transport ethernet",
            "0: learner computes on GPU 0",
            "1: rollout,reward computes on GPU 1",
            "the time limit is near: the nodes leave the run",
            ", start 2: seeds 10.77.0.1:")) {
      assertTrue(said.contains(part), () -> part + " is not in:\n" + said);
    }
    assertEquals(List.of(), RunVerification.of(new RunFiles(run)).problems(), said);
    Path quiet = folder.resolve("quiet");
    List<String> train = new ArrayList<>(List.of("train", "run.dir=" + quiet));
    train.addAll(SETTINGS);
    Cli.done(train);
    assertEquals(STEPS, hashes(quiet).size());
    assertEquals(hashes(quiet), hashes(run), said);
  }
}
