package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose stores are so small that work has to wait for room: the run is the same. */
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
@Timeout(1200)
class FullStoreTest {

  /**
   * A group has 11 images of 39 KiB with their trajectories, and of 44 KiB with features in place
   * of pixels: a store of 1 MiB takes two of the four groups that are open where they are drawn,
   * and the two of a step where they are learned from.
   */
  private static final String[] RUN = {
    "run.steps=4",
    "rollout.group-size=11",
    "learner.groups-per-step=2",
    // while the last step is evaluated the stores can be looked at
    "evaluation.every=4",
    "evaluation.prompts=4",
    "evaluation.shown=4",
    "evaluation.steps=150"
  };

  @TempDir Path folder;

  /** A figure of a node; -1 while it does not answer. */
  private static double metric(NodeProcess node, String name) {
    if (!node.life().contains("--admin ")) {
      return -1; // it is still starting
    }
    String all;
    try {
      all = new Admin(node.admin()).send("GET", "/metrics").body();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(all);
    assertTrue(line.find(), () -> name + " is not in\n" + all);
    return Double.parseDouble(line.group(1));
  }

  private static boolean isEmpty(NodeProcess node) {
    return metric(node, "atelier_blob_bytes") == 0
        && metric(node, "atelier_blob_fetched_bytes") == 0;
  }

  @Test
  void shouldWaitForRoomAndGiveTheSameWeights() throws Exception {
    QuietRun roomy = QuietRun.of(folder.resolve("roomy"), RUN);
    List<String> more = new ArrayList<>(List.of(RUN));
    more.addAll(List.of("workers.blob-megabytes=1", "workers.rollout=3"));
    Path run = folder.resolve("run");
    List<String> settings = QuietRun.settings(run, more.toArray(String[]::new));
    List<String> roles = List.of("learner", "rollout", "reward");
    try (LocalCluster cluster = new LocalCluster(roles, settings, folder)) {
      NodeProcess leader = cluster.node(0);
      leader.start();
      cluster.node(1).start();
      // nobody scores yet: of the groups that are open, some have to wait or give up their room
      Chaos.await(() -> leader.output().contains("there is no room"), 120, leader::output);
      cluster.node(2).start();
      RunProgress progress = new RunProgress(run);
      Chaos.await(() -> progress.trained() == 4, 240, cluster::output);
      for (NodeProcess node : cluster.nodes()) {
        Chaos.await(() -> isEmpty(node), 20, cluster::output);
      }
      for (NodeProcess node : cluster.nodes()) {
        cluster.awaitEnd(node);
      }
      roomy.assertSame(run, cluster);
    }
  }
}
