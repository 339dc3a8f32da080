package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The presets of published settings, each on files as its users have them, but small. */
@Timeout(180)
class PresetsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Sizes and counts; what is computed stays the preset's. */
  private static final List<String> SMALL =
      List.of(
          "run.steps=2",
          "run.threads=1",
          "rollout.height=64",
          "rollout.width=64",
          "rollout.group-size=2",
          "learner.groups-per-step=2",
          "checkpoint.every=1",
          "evaluation.prompts=2",
          "evaluation.shown=1",
          "evaluation.steps=2",
          "evaluation.encoder-pixels=64");

  @TempDir static Path shared;
  private static ReferenceSet set;
  private static Path dino;
  private static Path clip;

  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    set = ReferenceSet.write(shared.resolve("set"));
    dino = TinyEncoder.write(shared.resolve("dino"), "plain");
    clip = GoldenClip.write(shared.resolve("clip"), "transformers");
  }

  /** Two steps of a preset; their metrics. */
  private List<JsonNode> train(String preset, String model, String... more) throws IOException {
    Path run = folder.resolve(preset);
    List<String> command = new ArrayList<>(List.of("train", "--preset", preset, "run.dir=" + run));
    command.addAll(List.of("model.path=" + Golden.path(model), "data.prompts=" + set.prompts()));
    command.addAll(SMALL);
    command.addAll(List.of(more));
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), String.join("\n", result.err()));
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      assertFalse(line.contains("NaN"), line);
      steps.add(JSON.readTree(line));
    }
    assertEquals(2, steps.size());
    return steps;
  }

  private Path adversarial(
      String preset, String model, int denoisingSteps, int headSteps, double... updates)
      throws IOException {
    List<JsonNode> steps =
        train(
            preset,
            model,
            "rollout.steps=" + denoisingSteps,
            "data.references=" + set.references(),
            "reward.adversarial.encoder=" + dino,
            "reward.adversarial.encoder-pixels=56");
    for (int i = 0; i < 2; i++) {
      assertEquals(headSteps, steps.get(i).get("critic/head-steps").asDouble());
      assertEquals(updates[i], steps.get(i).get("policy/updates").asDouble(), "policy");
      assertTrue(steps.get(i).has("reward/adversarial/local"), "" + steps.get(i));
    }
    Path run = folder.resolve(preset);
    List<String> measured = Files.readAllLines(run.resolve("evaluations.jsonl"));
    assertEquals(2, measured.size());
    for (String line : measured) {
      assertTrue(JSON.readTree(line).get("kidReference").isNumber(), line);
    }
    return run;
  }

  /** JSON references, eight of each prompt, of which some prompts are held out. */
  @Test
  void shouldTrainAdvGrpoAsItsProgramDoes() throws IOException {
    Path run = adversarial("adv-grpo-dino", "sd35-tiny", 4, 9, 0, 2);
    Cli verified = Cli.run("verify", run.toString());
    assertEquals(0, verified.code(), String.join("\n", verified.err()));
    assertNotEquals(weights(run, 0), weights(run, 1), "the second step trains the policy");
  }

  /** One update for each rollout, by the policy that sampled: every ratio is 1. */
  @Test
  void shouldTrainAdvGrpoAsItsPaperDoes() throws IOException {
    Path run = adversarial("adv-grpo-dino-paper", "sd3-tiny", 7, 10, 0, 1);
    JsonNode last = JSON.readTree(Files.readAllLines(run.resolve("metrics.jsonl")).get(1));
    assertEquals(0, last.get("policy/ratio-distance-max").asDouble(), "" + last);
  }

  /**
   * References of each prompt, of which PickScore's last two layers of four learn where generated
   * images score above them. In the first step both sides are scored by PickScore as it is.
   */
  @Test
  void shouldTrainAdvGrpoOnPickScore() throws IOException {
    String preset = "adv-grpo-pickscore";
    List<JsonNode> steps =
        train(
            preset,
            "sd35-tiny",
            "rollout.steps=4",
            "data.references=" + set.references(),
            "reward.adversarial.encoder=" + clip);
    for (JsonNode step : steps) {
      double reference = step.get("critic/reward-reference").asDouble();
      double generated = step.get("critic/reward-generated").asDouble();
      assertEquals(generated > reference ? 1 : 0, step.get("critic/trained").asDouble(), "" + step);
      assertEquals(step.get("reward/adversarial"), step.get("reward/total"));
      assertTrue(step.get("policy/updates").asDouble() >= 2, "" + step);
    }
    JsonNode first = steps.get(0);
    assertEquals(
        first.get("reward/adversarial").asDouble(),
        first.get("critic/reward-generated").asDouble(),
        1e-5,
        "the critic looks at the images that were scored, by the same weights");
    Path run = folder.resolve(preset);
    assertNotEquals(weights(run, 0), weights(run, 1));
    Cli verified = Cli.run("verify", run.toString());
    assertEquals(0, verified.code(), String.join("\n", verified.err()));
    Path lora = folder.resolve("lora");
    Cli.done("export-lora", run.toString(), "--out", lora.toString());
    String card = Files.readString(lora.resolve("README.md"));
    assertTrue(card.contains("Reward: adversarial pickscore x 1.0."), card);
  }

  private static String weights(Path run, int newest) {
    CheckpointStore checkpoints = new CheckpointStore(new RunFiles(run).checkpoints(), 3);
    return Checkpoint.policyWeights(checkpoints.list().get(newest)).contentHash();
  }

  @ParameterizedTest
  @CsvSource({
    "flow-grpo-pickscore, sd3-tiny, true",
    "flow-grpo-guard, sd35-tiny, false",
    "flow-grpo-fast, sd35-tiny, false"
  })
  void shouldTrainOnPickScore(String preset, String model, boolean penalty) throws IOException {
    List<JsonNode> steps = train(preset, model, "reward.pickscore.model=" + clip);
    for (int i = 0; i < 2; i++) {
      JsonNode step = steps.get(i);
      assertEquals(step.get("reward/pickscore"), step.get("reward/total"));
      assertEquals(2.0 * (i + 1), step.get("policy/updates").asDouble());
      assertEquals(penalty, step.get("policy/kl").asDouble() > 0, "" + step);
      assertTrue(step.get("policy/ratio-distance-max").asDouble() > 0, "the second update");
      assertFalse(step.has("critic/loss"), "" + step);
    }
    Path run = folder.resolve(preset);
    assertNotEquals(weights(run, 0), weights(run, 1));
    Path lora = folder.resolve("lora");
    Cli.done("export-lora", run.toString(), "--out", lora.toString());
    String card = Files.readString(lora.resolve("README.md"));
    assertTrue(card.contains("Reward: pickscore x 1.0."), card);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "adv-grpo-dino | data.prompts, data.references, model.path, reward.adversarial.encoder;",
        "adv-grpo-dino-paper | data.prompts, data.references, model.path, reward.adversarial.encoder;",
        "adv-grpo-pickscore | data.prompts, data.references, model.path, reward.adversarial.encoder;",
        "flow-grpo-pickscore | data.prompts, model.path, reward.pickscore.model;",
        "flow-grpo-guard | data.prompts, model.path, reward.pickscore.model;",
        "flow-grpo-fast | data.prompts, model.path, reward.pickscore.model;",
      })
  void shouldNameAllThatAPresetNeedsAtOnce(String preset, String keys) {
    for (String command : List.of("plan", "train")) {
      Cli result = Cli.run(command, "--preset", preset);
      assertEquals(2, result.code());
      assertEquals(
          List.of(
              "atelier: preset %s needs %s give each as key=value, or in a file by --config"
                  .formatted(preset, keys)),
          result.err());
    }
    Cli less = Cli.run("plan", "--preset", preset, "model.path=/m", "data.prompts=p");
    assertFalse(less.err().get(0).contains("model.path"), less.err().get(0));
    assertEquals(2, less.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "plan", "node"})
  void shouldListThePresetsAndHowFarEachWasTried(String command) {
    List<String> lines = Cli.run(command, "--help").out().lines().toList();
    int first = lines.indexOf("Presets:") + 1;
    TrainConfig.presets()
        .forEach(
            (name, what) ->
                assertTrue(
                    lines.subList(first, first + TrainConfig.presets().size()).stream()
                        .anyMatch(line -> line.strip().matches(name + " +" + what)),
                    name + " in " + lines));
  }
}
