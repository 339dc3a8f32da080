package io.atelier.actors.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.config.section.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            .flatMap(arm -> runs(experiment).get(arm.name()).values().stream())
            .map(ArmRun::place)
            .toList();
    assertEquals(experiment.arms().size() * experiment.seeds().size(), runs.size());
    assertEquals(runs.size(), runs.stream().distinct().count());
  }

  /** Places of its runs; nothing is run. */
  private Map<String, Map<Long, ArmRun>> runs(Experiment experiment) {
    return ExperimentSession.runs(experiment, folder);
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
    Map<String, Map<Long, ArmRun>> runs = runs(own);
    TrainedRun slow = (TrainedRun) runs.get("slow").get(3L);
    TrainedRun jpeg = (TrainedRun) runs.get("jpeg").get(3L);
    assertEquals(4, slow.config().run().steps());
    assertEquals(5, jpeg.config().run().steps());
    assertEquals(3, jpeg.config().run().seed());
    assertEquals(
        "train --stop-with-input --preset dev evaluation.every=2 run.steps=4 data.references=flat"
            + " learner.learning-rate=1.0E-5 run.seed=3 run.dir="
            + slow.place(),
        String.join(" ", slow.arguments()));
    assertEquals(
        "eval --json --threads 1 evaluation.every=2 evaluation.prompts=30 evaluation.seed=3",
        String.join(" ", runs.get("before").get(3L).arguments()));
  }

  @Test
  void shouldShareARunWhereTheSettingsAreTheSame() throws IOException {
    Map<String, Map<Long, ArmRun>> arms =
        runs(
            read(
                """
                question = "Which?"
                seeds = [3, 4]
                arms {
                  a { run.steps = 4 }
                  b { run.steps = 4, learner.learning-rate = 5e-4 }
                  c { run.steps = 5 }
                }
                thresholds = []
                """));
    Path a = arms.get("a").get(3L).place();
    assertEquals(a, arms.get("b").get(3L).place(), "what the preset says anyway");
    assertNotEquals(a, arms.get("c").get(3L).place());
    assertNotEquals(a, arms.get("a").get(4L).place());
  }

  @Test
  void shouldNameFilesAndRunsInCommandsAndSettings() throws IOException {
    Map<String, Map<Long, ArmRun>> arms =
        runs(
            read(
                """
                question = "Which?"
                seeds = [3, 4]
                files { told = "pretrain --out {out}" }
                arms {
                  chosen { command = "best-of {runs.learns} --json" }
                  asked { command = "eval --model {told}/model --lora {run.learns}:2 x.seed={seed}" }
                  learns { run.steps = 4, reward.graph.sum = [{ leaf = jpeg }] }
                  guarded { run.steps = 4, reward.artifact.head = "{told}/head" }
                }
                thresholds = []
                """));
    Path told = ((TrainedRun) arms.get("guarded").get(3L)).needs().get(0).place().resolve("told");
    assertEquals(folder.resolve("files"), told.getParent().getParent());
    Path third = arms.get("learns").get(3L).place();
    Path fourth = arms.get("learns").get(4L).place();
    assertEquals(
        List.of("best-of", "" + third, "" + fourth, "--json"),
        arms.get("chosen").get(4L).arguments());
    assertEquals(
        List.of("eval", "--model", told + "/model", "--lora", fourth + ":2", "x.seed=4"),
        arms.get("asked").get(4L).arguments());
    assertTrue(
        arms.get("guarded").get(3L).arguments().contains("reward.artifact.head=" + told + "/head"));
    assertEquals(
        List.of(told.getParent(), fourth),
        arms.get("asked").get(4L).needs().stream().map(Job::place).toList());
    assertEquals(List.of(), arms.get("learns").get(3L).needs(), "an object is no name");

    // the same names wherever the folder is
    Map<String, Map<Long, ArmRun>> elsewhere =
        ExperimentSession.runs(
            Experiments.read("" + folder.resolve("own.conf")), folder.resolve("elsewhere"));
    for (String arm : arms.keySet()) {
      assertEquals(arms.get(arm).get(3L).key(), elsewhere.get(arm).get(3L).key());
      assertEquals(arms.get(arm).get(3L).deciding(), elsewhere.get(arm).get(3L).deciding());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "arms { a { lerner.x = 1 } } # arm a: unknown key lerner.x",
        "arms { a { preset = develop } } # arm a: there is no preset \"develop\"; did you mean dev?",
        "arms { a { preset = jpeg, train = false } } # arm a is not trained, and preset jpeg",
        "settings {} # arms is missing; an experiment has question, seeds, arms, thresholds",
        "arms {} # arms are empty",
        "arms { A {} } # arms.A has to be a name",
        "arms { a = 3 } # arms.a has to be a name",
        "arms { a { command = eval, x = 1 } } # arms.a has a command and settings",
        "arms { a { command = \"eval {told}\" } } # {told} is not defined; there are {seed}",
        "arms { a { command = \"eval {run.b}\" } } # {run.b} is not defined; there are {seed}",
        "files { told = \"pretrain --out told\" }, arms { a {} } # files.told has to be a name",
        "files { h = \"artifact --seed {seed} --out {out}\" }, arms { a {} } # files.h has {seed}, but",
        "arm { a {} } # unknown key arm of an experiment; did you mean arms?",
      })
  void shouldRefuseWhatCannotRun(String arms, String message) {
    String said =
        assertThrows(
                InvalidConfigException.class,
                () -> runs(read("question = q\nseeds = [1]\nthresholds = []\n" + arms)))
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
        ResultFiles.replaced(file, "## a", List.of("## a", "new")));
    assertEquals(
        List.of("# All", "", "## a", "old", "### more", "", "## ab", "kept", "", "## c"),
        ResultFiles.replaced(file, "## c", List.of("## c")));
  }
}
