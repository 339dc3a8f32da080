package io.atelier.actors.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentsTest {

  @TempDir Path folder;

  static Stream<String> shouldReadWhatComesWithTheProgram() {
    return Experiments.names().stream();
  }

  /** Every arm is a configuration that can run, and each has a run of its own. */
  @ParameterizedTest
  @MethodSource
  void shouldReadWhatComesWithTheProgram(String name) {
    Experiment experiment = Experiments.read(name);
    assertTrue(experiment.question().endsWith("?"), experiment.question());
    assertFalse(experiment.thresholds().isEmpty());
    List<Path> runs =
        experiment.arms().stream()
            .flatMap(arm -> experiment.seeds().stream().map(s -> ArmRun.of(arm, s, folder)))
            .map(ArmRun::folder)
            .toList();
    assertEquals(experiment.arms().size() * experiment.seeds().size(), runs.size());
    assertEquals(runs.size(), runs.stream().distinct().count());
  }

  private Experiment read(String text) throws IOException {
    return Experiments.read(Files.writeString(folder.resolve("own.conf"), text).toString());
  }

  @Test
  void shouldPutSettingsOfAllArmsBeneathThoseOfEach() throws IOException {
    Experiment own =
        read(
            """
            question = "Which?"
            seeds = [3]
            settings { run.steps = 4, evaluation.every = 2 }
            arms {
              slow { learner.learning-rate = 1e-5, data.references = flat }
              before { train = false, evaluation.prompts = 30 }
              jpeg { preset = jpeg, run.steps = 5 }
            }
            thresholds = []
            """);
    assertEquals("own", own.name());
    assertEquals(List.of("slow", "before", "jpeg"), own.arms().stream().map(Arm::name).toList());
    assertEquals(4, own.arms().get(0).config(3).run().steps());
    assertEquals(5, own.arms().get(2).config(3).run().steps());
    assertEquals(3, own.arms().get(2).config(3).run().seed());
    Path run = folder.resolve("run");
    assertEquals(
        "train --stop-with-input --preset dev evaluation.every=2 run.steps=4 data.references=flat"
            + " learner.learning-rate=1.0E-5 run.seed=3 run.dir="
            + run,
        String.join(" ", own.arms().get(0).begin(3, run)));
    assertEquals(
        "eval --json --threads 1 evaluation.every=2 evaluation.prompts=30 evaluation.seed=3",
        String.join(" ", own.arms().get(1).begin(3, run)));
  }

  @Test
  void shouldShareARunWhereTheSettingsAreTheSame() throws IOException {
    List<Arm> arms =
        read("""
                question = "Which?"
                seeds = [3]
                arms {
                  a { run.steps = 4 }
                  b { run.steps = 4, learner.learning-rate = 5e-4 }
                  c { run.steps = 5 }
                }
                thresholds = []
                """)
            .arms();
    Path a = ArmRun.of(arms.get(0), 3, folder).folder();
    assertEquals(a, ArmRun.of(arms.get(1), 3, folder).folder(), "what the preset says anyway");
    assertNotEquals(a, ArmRun.of(arms.get(2), 3, folder).folder());
    assertNotEquals(a, ArmRun.of(arms.get(0), 4, folder).folder());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "arms { a { lerner.x = 1 } } # arm a: unknown key lerner.x",
        "arms { a { preset = develop } } # arm a: there is no preset \"develop\"; did you mean dev?",
        "arms { a { preset = jpeg, train = false } } # arm a is not trained, and preset jpeg",
        "arms {} # arms are empty",
        "arms { A {} } # arms.A has to be a name",
        "arms { a = 3 } # arms.a has to be a name",
        "arm { a {} } # unknown key arm of an experiment; did you mean arms?",
      })
  void shouldRefuseWhatCannotRun(String arms, String message) {
    String said =
        assertThrows(
                InvalidConfigException.class,
                () ->
                    read("question = q\nseeds = [1]\nthresholds = []\n" + arms)
                        .arms()
                        .forEach(arm -> ArmRun.of(arm, 1, folder)))
            .getMessage();
    assertTrue(said.contains(message), said);
  }

  @Test
  void shouldNameWhatWasMeant() {
    String said =
        assertThrows(InvalidConfigException.class, () -> Experiments.read("fixed-rewards"))
            .getMessage();
    assertTrue(said.contains("did you mean fixed-reward?"), said);
    Path none = folder.resolve("none.conf");
    assertThrows(InvalidConfigException.class, () -> Experiments.read(none.toString()));
  }

  @Test
  void shouldReplaceTheSectionOfAnExperimentAlone() {
    List<String> file = List.of("# All", "", "## a", "old", "### more", "", "## ab", "kept");
    assertEquals(
        List.of("# All", "", "## a", "new", "## ab", "kept"),
        ExperimentSession.replaced(file, "## a", List.of("## a", "new")));
    assertEquals(
        List.of("# All", "", "## a", "old", "### more", "", "## ab", "kept", "", "## c"),
        ExperimentSession.replaced(file, "## c", List.of("## c")));
  }
}
