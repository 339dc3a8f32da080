package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs over several processes on this machine: quiet ones, and ones in which processes are killed.
 */
@Timeout(7200)
class ClusterRunTest {

  /** Enough for the hits; {@link ManyHitsTest} is the long form. */
  private static final int STEPS = Integer.getInteger("atelier.chaos.steps", 18);

  /** Of a run in which one thing happens, after the third one. */
  private static final int FEW = 10;

  private static final Pattern SHARE = Pattern.compile("\"learner/remote-share\":([0-9.]+)");

  @TempDir static Path shared;
  private static QuietRun quiet;

  @TempDir Path folder;

  @BeforeAll
  static void runInOneProcess() throws IOException {
    quiet = QuietRun.of(shared.resolve("quiet"), "run.steps=" + STEPS);
  }

  private static List<String> settings(Path run, String... more) {
    List<String> settings = QuietRun.settings(run, "run.steps=" + STEPS);
    settings.addAll(List.of(more));
    return settings;
  }

  @Test
  @EnabledIfSystemProperty(named = "atelier.long", matches = "true")
  void shouldGiveTheSameWeightsWithGradientWorkersOneOfWhichIsKilled() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "gradient", "gradient");
    List<String> settings = settings(run, "checkpoint.every=1000");
    try (LocalCluster cluster = new LocalCluster(roles, settings, folder).start()) {
      NodeProcess victim = cluster.node(2);
      Chaos.await(() -> helpers(cluster.node(0)) == 2, 120, cluster::output);
      double helped = remoteShares(run);
      Chaos.await(() -> remoteShares(run) > helped, 120, cluster::output);
      victim.kill();
      assertFalse(Files.exists(new RunFiles(run).summary()), "the run should not be over yet");
      double before = remoteShares(run);
      for (NodeProcess node : List.of(cluster.node(0), cluster.node(1), cluster.node(3))) {
        assertEquals(0, node.await(120), cluster::output);
      }
      quiet.assertSame(run, cluster);
      assertTrue(remoteShares(run) > before, "the other worker should have gone on");
    }
  }

  /** Clean latents travel in place of steps, and noise is drawn where it is needed. */
  @Test
  @EnabledIfSystemProperty(named = "atelier.long", matches = "true")
  void shouldGiveTheSameWeightsByAwmOnSeveralNodes() throws Exception {
    String[] awm = {
      "run.steps=" + STEPS,
      "learner.objective=awm",
      "learner.awm.times=1",
      "learner.awm.kl-weight=1"
    };
    QuietRun alone = QuietRun.of(folder.resolve("alone"), awm);
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "gradient");
    try (LocalCluster cluster =
        new LocalCluster(roles, QuietRun.settings(run, awm), folder).start()) {
      for (NodeProcess node : cluster.nodes()) {
        assertEquals(0, node.await(120), cluster::output);
      }
      alone.assertSame(run, cluster);
      assertTrue(remoteShares(run) > 0, "no gradient worker took part");
    }
  }

  /** Gradient workers that the learner of this node knew so far. */
  private static long helpers(NodeProcess leader) {
    return leader.output().lines().filter(l -> l.endsWith(" computes micro-batches")).count();
  }

  /** Sum over all steps so far of the share of micro-batches that gradient workers computed. */
  private static double remoteShares(Path run) {
    Path metrics = new RunFiles(run).metrics();
    if (!Files.exists(metrics)) {
      return 0;
    }
    try {
      return SHARE
          .matcher(Files.readString(metrics))
          .results()
          .mapToDouble(found -> Double.parseDouble(found.group(1)))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldGiveTheSameWeightsWhateverIsKilled() throws Exception {
    long seed = Long.getLong("atelier.chaos.seed", 1);
    int hits = Integer.getInteger("atelier.chaos.hits", 5);
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "gradient", "rollout,reward", "rollout", "reward");
    try (LocalCluster cluster = new LocalCluster(roles, settings(run), folder).start()) {
      Chaos chaos = new Chaos(cluster, seed);
      chaos.awaitOutput(cluster.node(0), "step 2 ", 120);
      chaos.until(new RunFiles(run).summary(), hits, 2_000, 300 + 30L * hits);
      System.out.println("chaos from seed " + seed + ": " + chaos);
      assertTrue(chaos.kills() > 0, "nothing was killed");
      assertTrue(remoteShares(run) > 0, "no gradient worker took part");
      quiet.assertSame(run, cluster);
    }
  }

  /**
   * What is large in both directions: weights to every node, images with what credit needs. {@code
   * FullWeightsTest} always sends such weights, {@code FullTrainingCommandTest} trains them.
   */
  @Test
  @EnabledIfSystemProperty(named = "atelier.long", matches = "true")
  void shouldSendAllWeightsOfATransformerToEveryNode() throws Exception {
    String[] full = {
      "model.train=full",
      "learner.learning-rate=1e-3",
      "learner.credit.steps.mode=to-go",
      "run.steps=6"
    };
    QuietRun alone = QuietRun.of(folder.resolve("alone"), full);
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "gradient");
    List<String> settings = settings(run, full);
    try (LocalCluster cluster = new LocalCluster(roles, settings, folder).start()) {
      for (int node = 0; node < roles.size(); node++) {
        assertEquals(0, cluster.node(node).await(120), cluster::output);
      }
      alone.assertSame(run, cluster);
    }
  }

  /** A leader that stands still is replaced; when it goes on, it must not write any more. */
  @Test
  void shouldFenceOffALeaderThatWasTakenForDead() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "learner");
    List<String> settings = settings(run, "run.steps=" + FEW);
    try (LocalCluster cluster = new LocalCluster(roles, settings, folder)) {
      String sooner = "-Dakka.cluster.split-brain-resolver.stable-after=2s";
      String alone = "-Dakka.coordinated-shutdown.phases.cluster-exiting.timeout=2s";
      cluster.nodes().forEach(node -> node.options(sooner, alone));
      cluster.start();
      Chaos chaos = new Chaos(cluster, 1);
      NodeProcess leader = cluster.node(0);
      chaos.awaitOutput(leader, "step 3 ", 120);
      leader.signal("STOP");
      chaos.awaitOutput(cluster.node(2), "leading the run", 60);
      chaos.awaitOutput(cluster.node(2), "  policy ", 60);
      assertTrue(Files.notExists(new RunFiles(run).summary()), "the run was over too soon");
      leader.signal("CONT");
      assertEquals(1, leader.await(60), cluster::output);
      assertEquals(0, cluster.node(2).await(120), cluster::output);
      quiet.first(FEW).assertSame(run, cluster);
      assertTrue(
          leader.output().contains("another conductor has taken over this run"), leader::output);
    }
  }

  /**
   * The first seed comes back when the others stand still, and must not start a cluster of its own.
   */
  @Test
  @EnabledIfSystemProperty(named = "atelier.long", matches = "true")
  void shouldFindTheOthersAgainThoughTheyAreSlow() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout", "reward");
    try (LocalCluster cluster = new LocalCluster(roles, settings(run), folder).start()) {
      NodeProcess leader = cluster.node(0);
      List<NodeProcess> others = List.of(cluster.node(1), cluster.node(2));
      new Chaos(cluster, 1).awaitOutput(leader, "step 2 ", 120);
      leader.kill();
      for (NodeProcess other : others) {
        other.signal("STOP");
      }
      leader.start();
      leader.admin(); // it is up, and asks the others
      boolean alone = Chaos.happens(() -> leader.output().contains("as conductor 2"), 8);
      for (NodeProcess other : others) {
        other.signal("CONT");
      }
      assertFalse(alone, "it started a cluster of its own");
      assertFalse(new RunProgress(run).isOver(), "the run was over too soon");
      assertEquals(0, leader.await(120), cluster::output);
      quiet.assertSame(run, cluster);
    }
  }

  /**
   * A single seed that is started again finds nobody, and the others do not know that it leads the
   * run in a cluster of its own: they end, and find it when they are started again.
   */
  @Test
  @EnabledIfSystemProperty(named = "atelier.long", matches = "true")
  void shouldGoOnWhenTheOnlySeedCameBackAlone() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout", "reward");
    List<String> settings = settings(run, "cluster.leaderless=2s");
    try (LocalCluster cluster = new LocalCluster(roles, 1, settings, folder).start()) {
      NodeProcess leader = cluster.node(0);
      Chaos chaos = new Chaos(cluster, 1);
      chaos.awaitOutput(leader, "step 2 ", 120);
      leader.kill();
      leader.start();
      chaos.awaitOutput(leader, "as conductor 2", 60);
      for (NodeProcess worker : List.of(cluster.node(1), cluster.node(2))) {
        assertEquals(1, worker.await(60), cluster::output);
        assertTrue(worker.output().contains("nobody has led the run for 2 s"), worker::output);
        assertFalse(new RunProgress(run).isOver(), "the run was over without it");
        worker.start();
      }
      cluster.awaitEnd(leader);
      quiet.assertSame(run, cluster);
    }
  }

  /**
   * A step that is trained when its leader dies, but in no checkpoint, is trained once more. Nobody
   * would find out by himself in time that the leader is dead: the launcher's word is enough.
   */
  @Test
  void shouldTrainAStepAgainWhoseCheckpointWasNotInPlace() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "learner");
    try (LocalCluster cluster = new LocalCluster(roles, settings(run), folder)) {
      String patient = "-Dakka.cluster.failure-detector.acceptable-heartbeat-pause=10m";
      cluster.nodes().forEach(node -> node.options(patient));
      cluster.start();
      NodeProcess leader = cluster.node(0);
      NodeProcess next = cluster.node(2);
      new Chaos(cluster, 1).awaitOutput(leader, "step 2 ", 120);
      RunProgress progress = new RunProgress(run);
      int lost = stopBeforeCheckpoint(leader, progress);
      leader.kill();
      int kept = progress.checkpointed();
      assertEquals(lost, progress.trained(), "the step is in the ledger");
      assertTrue(kept < lost, "a checkpoint has the step: " + kept);
      assertFalse(progress.isOver(), "the run was over too soon");
      var down = new Admin(next.admin()).send("POST", "/down?node=" + leader.address());
      assertEquals(200, down.statusCode(), down::body);
      assertEquals(0, next.await(120), cluster::output);
      assertEquals(0, cluster.node(1).await(60), cluster::output);
      String took = "as conductor 2, after step " + kept;
      assertTrue(next.output().contains(took), cluster::output);
      quiet.assertSame(run, cluster);
    }
  }

  /**
   * Lets the leader stand still when a step is in its ledger and in no checkpoint; goes on to the
   * next one when the checkpoint was faster.
   *
   * @return steps trained, the one without a checkpoint included
   */
  private static int stopBeforeCheckpoint(NodeProcess leader, RunProgress progress)
      throws IOException, InterruptedException {
    while (true) {
      int before = progress.trained();
      Chaos.await(() -> progress.trained() > before, 60, leader::output);
      leader.signal("STOP");
      int trained = progress.trained();
      int kept = progress.checkpointed();
      if (kept > 0 && kept < trained) {
        return trained;
      }
      leader.signal("CONT");
    }
  }
}
