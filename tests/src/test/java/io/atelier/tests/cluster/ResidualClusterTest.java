package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A prior's scores cross the network: those of images to the critic, its statistics back. */
@Timeout(400)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class ResidualClusterTest {

  @TempDir Path folder;

  @Test
  void shouldGiveTheSameWeightsAsInOneProcess() throws Exception {
    String steps = "run.steps=2";
    String prior = "reward.adversarial.residual.prior=jpeg";
    Path run = folder.resolve("run");
    QuietRun quiet = QuietRun.of(folder.resolve("quiet"), steps, prior);
    List<String> settings = QuietRun.settings(run, steps, prior);
    try (LocalCluster cluster =
        new LocalCluster(List.of("learner", "rollout", "reward"), settings, folder).start()) {
      for (NodeProcess node : cluster.nodes()) {
        assertEquals(0, node.await(120), cluster::output);
      }
      quiet.assertSame(run, cluster);
    }
  }
}
