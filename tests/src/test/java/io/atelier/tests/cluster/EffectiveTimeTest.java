package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.port.Seam;
import io.atelier.tests.run.RednessServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much of its time a run keeps when a node is killed each minute. Nodes mostly wait, for a
 * server that takes its time over each group, so that those of one machine do not take each other's
 * processors. A run that nothing hits goes on beside it and has the same of what else the machine
 * does.
 */
@Timeout(7200)
@EnabledIfSystemProperty(
    named = "atelier.effective.minutes",
    matches = "[0-9]+",
    disabledReason = "it takes a machine that does nothing else")
@Seam("it measures time, of processes that it can only watch")
class EffectiveTimeTest {

  private static final int MINUTES = Integer.getInteger("atelier.effective.minutes", 10);

  private static final int SCORE_MILLIS = 4_000;
  private static final int GROUPS = 4;
  private static final List<String> ROLES =
      List.of("learner", "learner", "rollout", "rollout", "reward", "reward");

  /** Two score at a time. */
  private static final int STEP_MILLIS = GROUPS * SCORE_MILLIS / 2;

  private static final int STEPS = (int) TimeUnit.MINUTES.toMillis(MINUTES) / STEP_MILLIS;

  @TempDir Path folder;

  /** One of the two runs. */
  private static final class Going implements AutoCloseable {
    private final LocalCluster cluster;
    private final RunProgress progress;
    private int first;

    Going(Path folder, RednessServer server) throws IOException {
      Path run = Files.createDirectory(folder).resolve("run");
      String groups = "learner.groups-per-step=" + GROUPS;
      progress = new RunProgress(run);
      cluster =
          new LocalCluster(
                  ROLES,
                  QuietRun.settings(run, "run.steps=10000", groups, server.setting()),
                  folder)
              .start();
    }

    /** Waits until all nodes are there and a few steps are trained. */
    void begin() throws IOException, InterruptedException {
      Chaos.await(() -> cluster.node(0).life().contains("--admin "), 240, cluster::output);
      new Admin(cluster.node(0).admin())
          .awaitStatus("workers", s -> s.get("run").get("workers").size() == 4);
      Chaos.await(() -> progress.trained() >= 2, 240, cluster::output);
    }

    int trained() {
      return progress.trained() - first;
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  @Test
  void shouldKeepNineTenthsOfTheTimeWhenANodeIsKilledEachMinute() throws Exception {
    SplittableRandom random = new SplittableRandom(Long.getLong("atelier.chaos.seed", 1));
    int kills = 0;
    try (RednessServer server = RednessServer.startSlow(SCORE_MILLIS);
        Going quiet = new Going(folder.resolve("quiet"), server);
        Going hit = new Going(folder.resolve("hit"), server)) {
      quiet.begin();
      hit.begin();
      quiet.first = quiet.trained();
      hit.first = hit.trained();
      long begin = System.nanoTime();
      while (!Chaos.happens(() -> quiet.trained() >= STEPS, 1)) {
        double now = (System.nanoTime() - begin) / 1e9;
        assertTrue(now < 180 * MINUTES, quiet.cluster::output);
        if (now >= 30 + 60 * kills) {
          kill(hit.cluster, random.nextInt(ROLES.size()), hit.trained());
          kills++;
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      double ratio = (double) hit.trained() / quiet.trained();
      System.out.printf(
          "in %.0f s %d steps, and %d with %d kills: ratio %.3f%n",
          seconds, quiet.trained(), hit.trained(), kills, ratio);
      assertEquals(seconds / 60, kills, 1, "kills in " + seconds + " s");
      assertTrue(kills >= MINUTES, "kills: " + kills);
      assertTrue(ratio >= .9, "ratio " + ratio);
    }
  }

  /** As {@code local-cluster} does it: the others are told, and the node is started again. */
  private static void kill(LocalCluster cluster, int index, int step) throws Exception {
    NodeProcess victim = cluster.node(index);
    NodeProcess other = cluster.node((index + 1) % ROLES.size());
    System.out.println("after step " + step + ": kill " + victim.name);
    String address = victim.address();
    victim.kill();
    new Admin(other.admin()).send("POST", "/down?node=" + address);
    victim.start();
  }
}
