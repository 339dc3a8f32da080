package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that lose sight of each other and live on. Steps are few, so the run is paused while nodes
 * find out about each other: then it is over neither too soon nor too late.
 */
@Timeout(600)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class PartitionTest {

  private static final String STEPS = "run.steps=60";

  /** Bytes go over the network only, between the two sides as between machines. */
  private static final String APART = "transport.share-on-host=false";

  @TempDir static Path shared;
  private static Optional<QuietRun> quiet = Optional.empty();

  @TempDir Path folder;

  /** Made when the first test needs it: never, where no network can be made. */
  private static QuietRun quiet() throws IOException {
    if (quiet.isEmpty()) {
      quiet = Optional.of(QuietRun.of(shared.resolve("quiet"), STEPS));
    }
    return quiet.get();
  }

  /** Waits until packets in both directions were dropped. */
  private static void awaitDropped(Network network, int one, int other) throws Exception {
    for (int node : new int[] {one, other}) {
      Admin.await("dropped packets to node " + node, () -> network.dropped(node), n -> n > 0);
    }
  }

  /** The run goes on without the worker, whose process ends, and takes it again when it is back. */
  @Test
  void shouldGoOnWithoutAWorkerThatIsCutOff() throws Exception {
    Path run = folder.resolve("run");
    RunProgress progress = new RunProgress(run);
    List<String> roles = List.of("learner", "rollout,reward", "rollout");
    try (Network network = Network.create(roles.size());
        LocalCluster cluster =
            new LocalCluster(roles, QuietRun.settings(run, STEPS, APART), folder, network)
                .start()) {
      NodeProcess leader = cluster.node(0);
      NodeProcess worker = cluster.node(2);
      Chaos.await(() -> progress.trained() >= 3, 120, cluster::output);
      assertEquals(0, network.dropped(0));
      network.cut(Set.of(2));
      int before = progress.trained();
      awaitDropped(network, 0, 2);
      Chaos.await(() -> progress.trained() >= before + 3, 60, cluster::output);
      assertTrue(worker.isAlive(), "the process should live, and be cut off");
      String paused = network.atelier(0, leader.admin(), "pause");
      assertTrue(paused.contains("the run paused"), paused);
      assertEquals(1, worker.await(60), cluster::output);
      assertTrue(worker.output().contains("took this node for dead"), worker::output);
      assertFalse(progress.isOver(), "the run was over too soon");
      network.heal();
      worker.start();
      awaitLife(worker, "working for the conductor of epoch 1", cluster);
      int back = progress.trained();
      network.atelier(0, leader.admin(), "resume");
      for (NodeProcess node : cluster.nodes()) {
        cluster.awaitEnd(node);
      }
      quiet().assertSame(run, cluster);
      assertTrue(progress.workersSince(back + 1).contains("rollout-0@" + worker.address()));
    }
  }

  /**
   * The leader and workers enough to go on are cut off from the others, who are more and find
   * another leader. The resolver on the smaller side, which would end it about when the other side
   * begins, is made to wait: so both lead at once, and only the number in the run folder is left to
   * keep the older one from writing.
   */
  @Test
  void shouldLetOnlyTheLeaderOfTheLargerSideWrite() throws Exception {
    Path run = folder.resolve("run");
    RunProgress progress = new RunProgress(run);
    List<String> roles = List.of("learner", "rollout,reward", "learner", "rollout", "reward");
    try (Network network = Network.create(roles.size());
        LocalCluster cluster =
            new LocalCluster(roles, QuietRun.settings(run, STEPS, APART), folder, network)) {
      NodeProcess old = cluster.node(0);
      NodeProcess worker = cluster.node(1);
      NodeProcess next = cluster.node(2);
      for (NodeProcess node : List.of(old, worker)) {
        node.options("-Dakka.cluster.split-brain-resolver.stable-after=120s");
      }
      old.start();
      Chaos.await(() -> old.output().contains("leading the run"), 60, cluster::output);
      cluster.nodes().subList(1, roles.size()).forEach(PartitionTest::start);
      for (NodeProcess node : cluster.nodes()) {
        awaitLife(node, "working for the conductor of epoch 1", cluster);
      }
      Chaos.await(() -> progress.trained() >= 2, 120, cluster::output);
      network.cut(Set.of(0, 1));
      int before = progress.trained();
      awaitDropped(network, 1, 4);
      Chaos.await(() -> progress.trained() >= before + 3, 60, cluster::output);
      String paused = network.atelier(0, old.admin(), "pause");
      assertTrue(paused.contains("the run paused"), paused);
      assertFalse(progress.isOver(), "the run was over too soon");

      Chaos.await(() -> next.output().contains("as conductor 2, after step"), 60, cluster::output);
      Chaos.await(() -> next.output().contains("is paused, as it was"), 60, cluster::output);
      assertTrue(old.isAlive() && worker.isAlive(), "there should be two leaders");
      String refused = network.atelier(0, old.admin(), "resume");
      assertFalse(refused.contains("the run goes on"), refused);
      assertEquals(1, old.await(60), cluster::output);
      assertTrue(old.output().contains("another conductor has taken over"), cluster::output);
      assertEquals(1, worker.await(60), cluster::output);
      int taken = progress.trained();

      network.heal();
      for (NodeProcess node : List.of(old, worker)) {
        node.options();
        node.start();
        awaitLife(node, "working for the conductor of epoch 2", cluster);
      }
      assertEquals(taken, progress.trained(), "the run should stand still");
      String resumed = network.atelier(2, next.admin(), "resume");
      assertTrue(resumed.contains("the run goes on"), resumed);
      for (NodeProcess node : cluster.nodes()) {
        cluster.awaitEnd(node);
      }
      quiet().assertSame(run, cluster);
      assertTrue(progress.workersSince(taken + 1).contains("rollout-0@" + worker.address()));
    }
  }

  private static void start(NodeProcess node) {
    try {
      node.start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitLife(NodeProcess node, String text, LocalCluster cluster) {
    Chaos.await(() -> node.life().contains(text), 60, cluster::output);
  }
}
