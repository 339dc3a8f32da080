package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.run.RednessServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Each reward worker of a cluster is a client of the server that scores. */
@Timeout(400)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class HttpRewardClusterTest {

  private static final int STEPS = 8;

  @TempDir Path folder;

  @Test
  void shouldGiveTheSameWeightsWhenANodeThatAsksIsKilled() throws Exception {
    String steps = "run.steps=" + STEPS;
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout", "reward", "reward");
    try (RednessServer server = RednessServer.start()) {
      QuietRun quiet = QuietRun.of(folder.resolve("quiet"), steps, server.setting());
      int asked = server.groups().size();
      List<String> settings = QuietRun.settings(run, steps, server.setting());
      try (LocalCluster cluster = new LocalCluster(roles, settings, folder).start()) {
        Chaos.await(() -> server.groups().size() > asked + 2, 120, cluster::output);
        cluster.node(3).kill();
        assertFalse(Files.exists(new RunFiles(run).summary()), "the run should not be over yet");
        for (NodeProcess node : cluster.nodes().subList(0, 3)) {
          assertEquals(0, node.await(120), cluster::output);
        }
        quiet.assertSame(run, cluster);
      }
      List<String> groups = server.groups();
      assertEquals(
          new HashSet<>(groups.subList(0, asked)),
          new HashSet<>(groups.subList(asked, groups.size())));
    }
  }
}
