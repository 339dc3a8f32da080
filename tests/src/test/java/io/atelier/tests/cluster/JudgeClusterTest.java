package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.run.RednessJudge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Each reward worker of a cluster asks the judge itself, and keeps what it wrote. */
@Timeout(400)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class JudgeClusterTest {

  private static final int STEPS = 8;

  @TempDir Path folder;

  @Test
  void shouldGiveTheSameWeightsWhenANodeThatAsksIsKilled() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout", "reward", "reward");
    try (RednessJudge judge = RednessJudge.start()) {
      List<String> own = new ArrayList<>(judge.settings());
      own.add("run.steps=" + STEPS);
      String[] more = own.toArray(String[]::new);
      QuietRun quiet = QuietRun.of(folder.resolve("quiet"), more);
      int asked = judge.pairs().size();
      List<String> settings = QuietRun.settings(run, more);
      try (LocalCluster cluster = new LocalCluster(roles, settings, folder).start()) {
        Chaos.await(() -> judge.pairs().size() > asked + 4, 120, cluster::output);
        cluster.node(3).kill();
        assertFalse(Files.exists(new RunFiles(run).summary()), "the run should not be over yet");
        for (NodeProcess node : cluster.nodes().subList(0, 3)) {
          assertEquals(0, node.await(120), cluster::output);
        }
        quiet.assertSame(run, cluster);
      }
      List<String> pairs = judge.pairs();
      assertEquals(
          new HashSet<>(pairs.subList(0, asked)),
          new HashSet<>(pairs.subList(asked, pairs.size())));
      // what the killed node had asked but not yet written is missing
      List<String> kept = Files.readAllLines(new RunFiles(run).judgements());
      assertTrue(
          kept.size() <= pairs.size() - asked && kept.size() >= pairs.size() - asked - 8,
          "%d lines of %d answers".formatted(kept.size(), pairs.size() - asked));
    }
  }
}
