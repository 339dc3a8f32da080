package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.api.WarmReward;
import io.atelier.tests.plugins.PluginJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The reward of README.md on a cluster, as the plug-in of docs/embedding.md. */
@Timeout(400)
class PluginClusterTest {

  private static final int STEPS = 8;

  @TempDir Path folder;

  @Test
  void shouldGiveTheWeightsOfOneProcessThoughANodeIsKilledAndRefuseAnotherPlugIn()
      throws Exception {
    String steps = "run.steps=" + STEPS;
    QuietRun quiet = QuietRun.of(folder.resolve("quiet"), WarmReward.reward(), steps);
    Path jar = PluginJar.pack(folder.resolve("warm.jar"), source -> source);
    Path other =
        PluginJar.pack(
            folder.resolve("other.jar"), source -> source.replace("& 255) - ", "& 255) + "));
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout", "reward", "reward");
    List<String> settings =
        QuietRun.settings(
            run, steps, "reward.adversarial.weight=0", "reward.plugins.warm.weight=1");
    try (LocalCluster cluster = new LocalCluster(roles, settings, folder)) {
      NodeProcess stranger = cluster.node(3);
      List<NodeProcess> three = cluster.nodes().subList(0, 3);
      three.forEach(node -> node.classPath(jar));
      stranger.classPath(other);
      cluster.start();
      Chaos chaos = new Chaos(cluster, 1);
      chaos.awaitOutput(cluster.node(0), "step 2 ", 120);
      NodeProcess rollout = cluster.node(1);
      rollout.kill();
      rollout.start();
      Chaos.await(() -> rollout.life().contains("working for"), 120, cluster::output);
      assertFalse(Files.exists(new RunFiles(run).summary()), "the run should not be over yet");
      assertEquals(2, stranger.await(120), cluster::output);
      String refused =
          "refused: it would not compute the same. plugin-warm-rewards: 1.0 in " + other;
      assertTrue(stranger.output().contains(refused), cluster::output);
      for (NodeProcess node : three) {
        assertEquals(0, node.await(120), cluster::output);
      }
      quiet.assertSame(run, cluster);
    }
  }
}
