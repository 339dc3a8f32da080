package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A firewall that lets TCP through and no UDP, which is how many a network is to begin with: all
 * nodes join, and what is large does not come. Steps are few, so the run is paused while the test
 * looks at it.
 */
@Timeout(600)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class UdpBlockedTest {

  private static final String STEPS = "run.steps=100";

  /** Bytes go over the network only, as between machines. */
  private static final String APART = "transport.share-on-host=false";

  /** Within which the leader is to say what is wrong. */
  private static final int SOON_SECONDS = 30;

  /** How long it goes on after that. */
  private static final int BLOCKED_SECONDS = 60;

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

  /** Waits until the leader says that a version did not come to a node, and why. */
  private static void awaitNotLoaded(NodeProcess leader, NodeProcess node) throws Exception {
    await(leader, "rollout-0@%s did not get policy version \\d+".formatted(node.address()));
  }

  private static void await(NodeProcess leader, String what) {
    Pattern said = Pattern.compile(what + ": .*nothing came for \\d+ ms");
    Chaos.await(() -> said.matcher(leader.output()).find(), SOON_SECONDS, leader::output);
  }

  private static void awaitLife(NodeProcess node, String text, LocalCluster cluster) {
    Chaos.await(() -> node.life().contains(text), 60, cluster::output);
  }

  private static void awaitStatus(Network network, NodeProcess leader, Predicate<String> holds)
      throws Exception {
    String admin = leader.admin();
    Admin.await("status", () -> network.atelier(0, admin, "status"), holds);
  }

  /** The run goes on without the one node, and takes it as soon as its datagrams come through. */
  @Test
  void shouldNameANodeThatNoUdpReaches() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "rollout");
    try (Network network = Network.create(roles.size()).withFirewall();
        LocalCluster cluster =
            new LocalCluster(roles, QuietRun.settings(run, STEPS, APART), folder, network)) {
      network.blockUdp(2);
      cluster.start();
      awaitLife(cluster.node(2), "working for the conductor of epoch 1", cluster);
      awaitNotLoaded(cluster.node(0), cluster.node(2));
      goOnWithoutItAndThenWithIt(network, cluster, run);
    }
  }

  /** It held versions, and new ones do not come. */
  @Test
  void shouldNameANodeThatNoNewVersionReaches() throws Exception {
    Path run = folder.resolve("run");
    RunProgress progress = new RunProgress(run);
    List<String> roles = List.of("learner", "rollout,reward", "rollout");
    try (Network network = Network.create(roles.size()).withFirewall();
        LocalCluster cluster =
            new LocalCluster(roles, QuietRun.settings(run, STEPS, APART), folder, network)
                .start()) {
      awaitLife(cluster.node(2), "working for the conductor of epoch 1", cluster);
      int joined = progress.trained();
      Chaos.await(() -> progress.trained() >= joined + 3, 120, cluster::output);
      assertFalse(cluster.node(0).output().contains(" did not get "), cluster::output);
      assertEquals(0, network.udpDropped(2));
      network.blockUdp(2);
      awaitNotLoaded(cluster.node(0), cluster.node(2));
      goOnWithoutItAndThenWithIt(network, cluster, run);
    }
  }

  private void goOnWithoutItAndThenWithIt(Network network, LocalCluster cluster, Path run)
      throws Exception {
    RunProgress progress = new RunProgress(run);
    NodeProcess leader = cluster.node(0);
    assertTrue(network.udpDropped(2) > 0, "no datagram was dropped");
    assertEquals(0, network.udpDropped(1), "only one node should be blocked");
    int before = progress.trained();
    Chaos.await(() -> progress.trained() >= before + 3, 60, cluster::output);
    String paused = network.atelier(0, leader.admin(), "pause");
    assertTrue(paused.contains("the run paused"), paused);
    awaitStatus(network, leader, said -> said.contains("which did not arrive"));
    assertFalse(progress.isOver(), "the run was over too soon");

    network.unblockUdp(2);
    awaitStatus(network, leader, said -> !said.contains("which did not arrive"));
    int back = progress.trained();
    network.atelier(0, leader.admin(), "resume");
    for (NodeProcess node : cluster.nodes()) {
      cluster.awaitEnd(node);
    }
    quiet().assertSame(run, cluster);
    String worker = "rollout-0@" + cluster.node(2).address();
    assertTrue(progress.workersSince(back).contains(worker), worker);
  }

  /** Nobody gets what the only node drew: the run stands still, says why, and then goes on. */
  @Test
  void shouldGoOnWhenDatagramsComeThroughAgain() throws Exception {
    Path run = folder.resolve("run");
    RunProgress progress = new RunProgress(run);
    List<String> roles = List.of("learner", "reward", "rollout");
    try (Network network = Network.create(roles.size()).withFirewall();
        LocalCluster cluster =
            new LocalCluster(roles, QuietRun.settings(run, STEPS, APART), folder, network)) {
      NodeProcess leader = cluster.node(0);
      NodeProcess blocked = cluster.node(2);
      cluster.start();
      Chaos.await(() -> progress.trained() >= 3, 120, cluster::output);
      assertEquals(0, network.udpDropped(2));
      network.blockUdp(2);
      Admin.await("dropped datagrams", () -> network.udpDropped(2), dropped -> dropped > 0);
      await(
          leader,
          "rollout-0@%s (did not get policy version \\d+|made of it did not reach \\S+)"
              .formatted(blocked.address()));
      int before = progress.trained();
      boolean went = Chaos.happens(() -> progress.trained() > before, BLOCKED_SECONDS);
      assertFalse(went, "a step was trained without the only node that draws");
      network.unblockUdp(2);
      for (NodeProcess node : cluster.nodes()) {
        cluster.awaitEnd(node);
      }
      quiet().assertSame(run, cluster);
    }
  }
}
