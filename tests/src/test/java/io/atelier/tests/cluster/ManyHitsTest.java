package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** One long run in which everything goes wrong again and again. */
@Timeout(7200)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class ManyHitsTest {

  private static final int HITS = Integer.getInteger("atelier.hits", 150);

  /** Enough, for some are trained while a hit lasts. */
  private static final int STEPS = Integer.getInteger("atelier.hits.steps", 8 * HITS);

  /** Mean number of steps between two hits. */
  private static final int BETWEEN = 3;

  @TempDir Path folder;

  /** Processes that are killed or stand still, a run folder that is full, and UDP that is lost. */
  @Test
  void shouldGiveTheSameWeightsAfterManyHits() throws Exception {
    long seed = Long.getLong("atelier.chaos.seed", 1);
    String steps = "run.steps=" + STEPS;
    List<String> roles =
        List.of("learner", "rollout,reward", "learner", "gradient", "rollout,reward");
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 256);
        Network network = Network.create(roles.size()).withFirewall()) {
      Path run = folder.resolve("disk").resolve("run");
      RunProgress progress = new RunProgress(run);
      List<String> settings = QuietRun.settings(run, steps, "transport.share-on-host=false");
      try (LocalCluster cluster = new LocalCluster(roles, settings, folder, network).start()) {
        Chaos.await(() -> progress.trained() >= 2, 120, cluster::output);
        Hits hits = new Hits(cluster, progress, network, disk, seed);
        hits.hit(HITS, BETWEEN);
        System.out.println("seed " + seed + ": " + hits);
        assertFalse(progress.isOver(), "the run was over too soon");
        hits.awaitEnd();
        System.out.println("over after " + hits.seconds() + " s");
        for (Hits.Kind kind : Hits.Kind.values()) {
          assertTrue(hits.done(kind) >= HITS / 7, kind + ": " + hits);
        }
        assertEquals(HITS, List.of(Hits.Kind.values()).stream().mapToInt(hits::done).sum());
        QuietRun.of(folder.resolve("quiet"), steps).assertSame(run, cluster);
      }
    }
  }
}
