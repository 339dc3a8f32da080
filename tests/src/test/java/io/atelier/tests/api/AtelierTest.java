package io.atelier.tests.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.record.Terminal;
import io.atelier.reward.graph.Node;
import io.atelier.reward.graph.Over;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AtelierTest {

  @TempDir Path folder;

  private TrainConfig config(String... more) {
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "run.dir=" + folder.resolve("run"),
                "model.path=" + Golden.path("sd3-tiny"),
                "run.steps=3",
                "run.threads=1",
                "rollout.group-size=2",
                "rollout.height=64",
                "rollout.width=64",
                "rollout.steps=4",
                "learner.groups-per-step=2",
                "model.adapter.rank=2",
                "checkpoint.every=1",
                "evaluation.every=0"));
    overrides.addAll(List.of(more));
    return TrainConfig.load("dev", overrides.toArray(String[]::new));
  }

  @Test
  void shouldRunTheExampleOfTheReadme() throws IOException {
    List<StepReport> steps = Collections.synchronizedList(new ArrayList<>());
    try (RunHandle run = Atelier.start(config(), WarmReward.warm())) {
      run.onStep(steps::add);
      RunEnd end = run.await();
      assertEquals(3, end.steps());
      assertEquals(12, end.counts().trained() * 2);
    }
    assertEquals(3, steps.size());
    assertTrue(
        steps.get(0).metrics().containsKey("reward/warm"), steps.get(0).metrics().toString());
    assertTrue(Files.exists(folder.resolve("run/report.html")));
  }

  @Test
  void shouldShowTheExampleInTheReadmeAsItIs() throws IOException {
    Path root = Path.of(System.getProperty("atelier.root", ".."));
    Path source = root.resolve("tests/src/test/java/io/atelier/tests/api/WarmReward.java");
    List<String> lines = Files.readAllLines(source);
    List<String> example =
        lines.subList(lines.indexOf("  // README") + 1, lines.indexOf("  // end")).stream()
            .map(line -> line.replaceFirst("^ {2}", ""))
            .toList();
    String readme = Files.readString(root.resolve("README.md"));
    assertTrue(
        readme.contains("```java\n" + String.join("\n", example).stripTrailing() + "\n```"),
        "README.md shows another example than WarmReward.java");
  }

  @Test
  void shouldResumeARunWithTheProgramsRewardOnly() {
    Atelier.start(config("run.steps=2"), WarmReward.warm()).close();
    Path root = folder.resolve("run");
    InvalidConfigException without =
        assertThrows(InvalidConfigException.class, () -> Atelier.resume(root));
    assertTrue(without.getMessage().contains("(warm)"), without.getMessage());
    RewardSum other = Rewards.of("other", (images, prompt) -> new float[images.count()]);
    assertThrows(
        InvalidConfigException.class,
        () -> Atelier.resume(root, List.of(), Optional.of(other), Terminal.silent()));
    try (RunHandle run =
        Atelier.resume(root, List.of(), Optional.of(WarmReward.warm()), Terminal.silent())) {
      assertEquals(2, run.await().steps());
    }
  }

  @Test
  void shouldTrainOnAGraphOfAProgramsRewards() throws IOException {
    Node root =
        Node.leaf("warm").normalised(Over.STEP).named("even").plus(Node.leaf("jpeg").weight(0));
    RewardSum graph = WarmReward.warm().plus(Rewards.jpegCompressibility()).combined(root);
    List<StepReport> steps = Collections.synchronizedList(new ArrayList<>());
    try (RunHandle run = Atelier.start(config("run.steps=2"), graph)) {
      run.onStep(steps::add);
      run.await();
    }
    Map<String, Double> metrics = steps.get(1).metrics();
    assertEquals(0, metrics.get("graph/even"), 1e-9, metrics.toString());
    assertEquals(0, metrics.get("reward/total"), 1e-6, metrics.toString());
    assertTrue(metrics.get("reward/jpeg") < 0, metrics.toString());
    TrainConfig both =
        config("run.dir=" + folder.resolve("both"), "reward.graph.sum=[adversarial]");
    InvalidConfigException refused =
        assertThrows(InvalidConfigException.class, () -> Atelier.start(both, graph));
    assertTrue(refused.getMessage().startsWith("reward.graph is made of configured rewards"));
  }

  @Test
  void shouldTellTheFirstCauseWhenARewardFails() {
    RewardSum broken =
        Rewards.of(
            "broken",
            (images, prompt) -> {
              throw new IllegalStateException("no such judge");
            });
    try (RunHandle run = Atelier.start(config(), broken)) {
      RuntimeException e = assertThrows(RuntimeException.class, run::await);
      assertTrue(e.getMessage().contains("no such judge"), e.getMessage());
      assertTrue(e.getMessage().contains("broken"), e.getMessage());
    }
  }

  @Test
  void shouldFailTheRunWhenAListenerThrows() {
    try (RunHandle run = Atelier.start(config(), WarmReward.warm())) {
      run.onStep(
          step -> {
            throw new IllegalStateException("the program had enough");
          });
      RuntimeException e = assertThrows(RuntimeException.class, run::await);
      assertTrue(e.getMessage().contains("the program had enough"), e.getMessage());
    }
  }

  @Test
  void shouldStopAtOnceWhenItIsClosedAndGiveTheFolderFree() {
    try (RunHandle run = Atelier.start(config("run.steps=100000"), WarmReward.warm())) {
      assertThrows(
          RunFolderException.class,
          () -> Atelier.start(config("run.steps=100000"), WarmReward.warm()));
      assertEquals(folder.resolve("run"), run.folder());
    }
    try (RunHandle run =
        Atelier.resume(
            folder.resolve("run"),
            List.of("run.steps=1"),
            Optional.of(WarmReward.warm()),
            Terminal.silent())) {
      assertEquals(1, run.await().steps());
    }
  }
}
