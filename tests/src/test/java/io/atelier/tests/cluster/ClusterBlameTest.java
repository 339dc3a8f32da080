package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerFile;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one process does wrong is not blamed on the others, over several processes. */
@Timeout(300)
class ClusterBlameTest {

  private static final String STEPS = "run.steps=16";

  /** Of runs in which one thing happens, after a step or a few. */
  private static final int FEW = 10;

  /** Longer than a node may be silent. */
  private static final int STOP_SECONDS = 6;

  @TempDir static Path shared;
  private static QuietRun quiet;

  @TempDir Path folder;

  @BeforeAll
  static void runInOneProcess() throws IOException {
    quiet = QuietRun.of(shared.resolve("quiet"), STEPS);
  }

  private static List<String> few(Path run) {
    return QuietRun.settings(run, "run.steps=" + FEW);
  }

  private static int trained(JsonNode status) {
    return status.get("run").get("trained").asInt();
  }

  /** Its workers go on meanwhile, and what they say lies unread when it looks at the clock. */
  @Test
  void shouldLoseNoGroupWhenTheConductorStandsStill() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "rollout");
    try (LocalCluster cluster = new LocalCluster(roles, few(run), folder)) {
      // or the cluster itself removes a member that stands still for so long
      String patient = "-Dakka.cluster.failure-detector.acceptable-heartbeat-pause=10m";
      cluster.nodes().forEach(node -> node.options(patient));
      cluster.start();
      NodeProcess conductor = cluster.node(0);
      Admin leader = new Admin(conductor.admin());
      leader.awaitStatus(
          "a few steps by three workers",
          s -> trained(s) >= 3 && s.get("run").get("workers").size() == 3);
      conductor.signal("STOP");
      RunProgress progress = new RunProgress(run);
      int before = progress.trained();
      assertFalse(Chaos.happens(() -> progress.trained() > before, STOP_SECONDS), "it went on");
      assertTrue(conductor.isStopped());
      conductor.signal("CONT");
      JsonNode troubles =
          leader
              .awaitStatus("two more steps", s -> trained(s) >= before + 2)
              .get("run")
              .get("troubles");
      assertTrue(troubles.get("pauses").asInt() >= 1, troubles::toString);
      // it stopped a little after the signal was sent
      long paused = troubles.get("pausedMillis").asLong();
      assertTrue(paused > STOP_SECONDS * 1_000L - 500, troubles::toString);
      assertEquals(0, troubles.get("silentNodes").asInt(), troubles::toString);
      for (NodeProcess node : cluster.nodes()) {
        cluster.awaitEnd(node);
      }
      assertTrue(conductor.output().contains("the conductor stood still for"), conductor::output);
      Counts counts = counts(run);
      assertEquals(
          0, counts.regenerated() + counts.released() + counts.discarded(), counts::toString);
      quiet.first(FEW).assertSame(run, cluster);
    }
  }

  private static Counts counts(Path run) throws IOException {
    List<LedgerEntry> entries = LedgerFile.read(new RunFiles(run).ledger()).entries();
    return ((LedgerEntry.Ended) entries.get(entries.size() - 1)).counts();
  }

  /** One GPU that is used up by somebody else, say, ended the run of all. */
  @Test
  void shouldGoOnWithoutANodeWhoseSamplingAlwaysThrows() throws Exception {
    Path run = folder.resolve("run");
    int port = freePort();
    List<String> roles = List.of("learner", "rollout,reward", "rollout");
    try (LocalCluster cluster = new LocalCluster(roles, QuietRun.settings(run, STEPS), folder)) {
      NodeProcess broken = cluster.node(2);
      cluster.node(0).start();
      cluster.node(1).start();
      Admin leader = new Admin(cluster.node(0).admin());
      leader.awaitStatus("a step", s -> trained(s) >= 1);
      leader.send("POST", "/pause");
      broken.options(Saboteur.option(port));
      broken.start();
      Saboteur saboteur =
          Saboteur.of(
              port, "io.atelier.rollout.sampler.GroupSampler", "sample", "CUDA out of memory");
      leader.awaitStatus("the worker", s -> s.get("run").get("workers").size() == 3);
      leader.send("POST", "/resume");
      assertEndsBy(saboteur, broken, cluster);
      assertTrue(saboteur.thrown() >= 3, saboteur::toString);
      assertFalse(new RunProgress(run).isOver(), "the run was over too soon");
      assertTrue(
          broken.output().contains("this node fails at all of its work, and the run goes on"),
          broken::output);
      assertTrue(broken.output().contains("CUDA out of memory"), broken::output);
      Matcher log = Pattern.compile("^log (.+)$", Pattern.MULTILINE).matcher(broken.output());
      assertTrue(log.find(), broken::output);
      String trace = Files.readString(Path.of(log.group(1)));
      assertTrue(trace.contains("at io.atelier.actors.worker.RolloutWorker.onGenerate"), trace);
      assertTrue(
          cluster.node(0).output().contains("gets no more rollout work and leaves"),
          cluster::output);
      cluster.awaitEnd(cluster.node(0));
      cluster.awaitEnd(cluster.node(1));
      quiet.assertSame(run, cluster);
    }
  }

  private static void assertEndsBy(Saboteur saboteur, NodeProcess node, LocalCluster cluster)
      throws InterruptedException {
    try {
      assertEquals(1, node.await(120));
    } catch (AssertionError e) {
      throw new AssertionError(saboteur + "\n" + cluster.output(), e);
    }
  }

  /** A learner whose device fails was the end of the run for all. */
  @Test
  void shouldGoOnUnderTheStandbyWhenTheLearnerFails() throws Exception {
    Path run = folder.resolve("run");
    int port = freePort();
    List<String> roles = List.of("learner", "learner", "rollout,reward");
    try (LocalCluster cluster = new LocalCluster(roles, few(run), folder)) {
      NodeProcess first = cluster.node(0);
      first.options(Saboteur.option(port));
      first.start();
      Admin leader = new Admin(first.admin());
      cluster.node(1).start();
      cluster.node(2).start();
      leader.awaitStatus("a step", s -> trained(s) >= 1);
      leader.send("POST", "/pause"); // or the run may be over before there is a saboteur
      Saboteur saboteur =
          Saboteur.of(
              port, "io.atelier.actors.learning.PolicyLearner", "onTrain", "CUDA error: ECC");
      leader.send("POST", "/resume");
      assertEndsBy(saboteur, first, cluster);
      assertEquals(1, saboteur.thrown());
      assertFalse(new RunProgress(run).isOver(), "the run was over too soon");
      assertTrue(
          first.output().contains("the policy-learner failed: CUDA error: ECC; this was"),
          first::output);
      cluster.awaitEnd(cluster.node(1));
      cluster.awaitEnd(cluster.node(2));
      assertTrue(
          cluster.node(1).output().contains("leading the run in " + run + " as conductor 2"),
          cluster::output);
      quiet.first(FEW).assertSame(run, cluster);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
