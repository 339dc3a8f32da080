package io.atelier.actors.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.RunFolderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedTest {

  @TempDir Path folder;
  private Experiment experiment;

  @BeforeEach
  void read() throws IOException {
    Path file = folder.resolve("own.conf");
    Files.writeString(
        file,
        """
        question = "Which?"
        seeds = [1, 2]
        arms {
          a { run.steps = 4 }
          chosen { command = "best-of {run.a} --json" }
        }
        thresholds = [
          { says = "it is chosen", value { arm = chosen, of = "kid@4" }, at-most = 30 }
          { says = "it pays", value { arm = a, of = "reward/x" }, at-least = 0.5 }
        ]
        """);
    experiment = Experiments.read("" + file);
  }

  private static RunCurves trained() {
    RunCurves run = new RunCurves(new TreeMap<>(), new TreeMap<>());
    run.steps().put(4, Map.of("elapsed", 90.0, "reward/x", 0.5, "loss", 3.0));
    run.evaluations().put(4, Map.of("kidReference", 20.0));
    return run;
  }

  /** Of seed 2 both arms, of seed 1 only the trained one. */
  private Path publish() {
    Map<String, Map<Long, ArmRun>> runs = ExperimentSession.runs(experiment, folder);
    Path page = folder.resolve("page.md");
    Path published = folder.resolve("page").resolve("runs");
    RunCurves chosen = new RunCurves(new TreeMap<>(), new TreeMap<>());
    chosen.evaluations().put(0, Map.of("kid@4", 28.0));
    Set<String> kept = Set.of("elapsed", "reward/x");
    for (long seed : List.of(1L, 2L)) {
      ArmRun run = runs.get("a").get(seed);
      Published.of(run, trained(), kept, "other chip", "atelier 1").write(run, published);
    }
    ArmRun run = runs.get("chosen").get(2L);
    Published.of(run, chosen, kept, "other chip", "atelier 1").write(run, published);
    return page;
  }

  private ExperimentSession session(Path page, List<Long> seeds) {
    return new ExperimentSession(
        List.of(experiment),
        Optional.of(seeds),
        folder.resolve("elsewhere"),
        Optional.of(page),
        new ResultPage.Made("chip", "atelier 2", 1),
        said -> {});
  }

  @Test
  void shouldMakeThePageOfWhatIsPublished() throws Exception {
    Path page = publish();
    ExperimentSession session = session(page, List.of(2L));
    Experiment asked = session.experiments().get(0);
    assertEquals(List.of(2L), asked.seeds(), "of seed 1 a run is not there");
    assertEquals(0, session.missing(asked));
    assertTrue(session.make(), "there is nothing to make");
    List<String> lines = session.write(asked);
    assertEquals(
        "`./atelier experiment own.conf --seeds 2`: other chip, atelier 2; 1 at a time",
        lines.get(4));
    assertTrue(lines.contains("| it is chosen | 28.0 | **met** |"), "" + lines);
    assertTrue(lines.contains("| it pays | .500 | **met** |"), "" + lines);
    assertTrue(lines.contains("| a | 1 | 20.0 | – | .500 | 1.500 |"), "" + lines);
    assertTrue(lines.contains("| chosen | 1 | – | 28.0 | – | – |"), "" + lines);
    assertTrue(Files.readAllLines(page).containsAll(lines.subList(0, 5)));
    assertFalse(Files.readString(published(page, "a", 2)).contains("\"loss\":3"));
  }

  private Path published(Path page, String arm, long seed) {
    String key = ExperimentSession.runs(experiment, folder).get(arm).get(seed).key();
    return page.resolveSibling("page/runs").resolve(key.replace(".json", "") + ".json");
  }

  @Test
  void shouldTakeSeedsOfWhichAllIsPublished() {
    ExperimentSession session = session(publish(), List.of(7L));
    Experiment asked = session.experiments().get(0);
    assertEquals(List.of(2L, 7L), asked.seeds());
    assertEquals(2, session.missing(asked));
  }

  /** Also of a seed that the experiment does not have by itself. */
  @Test
  void shouldKeepSeedsThatWereGivenOnce() {
    experiment = experiment.withSeeds(List.of(1L, 2L));
    Path page = publish();
    experiment = experiment.withSeeds(List.of(1L));
    ExperimentSession session = session(page, List.of(1L));
    assertEquals(List.of(1L, 2L), session.experiments().get(0).seeds());
  }

  @Test
  void shouldRefuseWhatWasMadeWithOtherSettings() throws IOException {
    Path page = publish();
    Path file = published(page, "a", 2);
    String text = Files.readString(file);
    String other = text.replace("\"learner.learning-rate\":\"", "\"learner.learning-rate\":\"1");
    assertFalse(other.equals(text));
    Files.writeString(file, other);
    String said =
        assertThrows(RunFolderException.class, () -> session(page, List.of(1L))).getMessage();
    assertTrue(said.startsWith(file + " was made with learner.learning-rate = 1"), said);
    Files.writeString(file, "{");
    said = assertThrows(RunFolderException.class, () -> session(page, List.of(1L))).getMessage();
    assertTrue(said.startsWith(file + " is damaged: "), said);
  }
}
