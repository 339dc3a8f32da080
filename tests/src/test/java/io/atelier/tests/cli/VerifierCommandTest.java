package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.assets.EmojiStyle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs that are rewarded by checks and by comparisons. */
@Timeout(300)
class VerifierCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Checks that apply to one of two prompts, each of which comes up in every step. */
  private static final String CHECKS =
      "reward.graph.sum=[{normalise=adversarial, over=group},"
          + " {weighted-mean=[{leaf=colour, weight=0.5}, {leaf=count, weight=0.5},"
          + " {leaf=frame, weight=0.1}], name=checks}]";

  @TempDir Path folder;

  private List<JsonNode> steps(String run) throws IOException {
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(run + "/metrics.jsonl"))) {
      steps.add(JSON.readTree(line));
    }
    return steps;
  }

  private List<String> own(String name, String prompts, String... more) throws IOException {
    Path root = folder.resolve("data");
    OwnData data = Files.exists(root) ? new OwnData(root) : OwnData.write(root, EmojiStyle.FLAT);
    Files.writeString(data.prompts(), prompts);
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(data.settings());
    command.add("data.held-out=0");
    command.addAll(List.of(more));
    return command;
  }

  private List<String> tiny(String name, String run, String... more) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(TinyPipeline.SHORT);
    command.add("model.path=" + TinyPipeline.path());
    command.add("run.dir=" + folder.resolve(run));
    command.addAll(List.of(more));
    return command;
  }

  @Test
  void shouldCheckWhatAPromptNames() throws IOException {
    String prompts = "red heart\nbored face\n";
    String counted = "{\"prompt\": \"red heart\"}\n{\"prompt\": \"bored face\", \"count\": 2}\n";
    Cli plan = Cli.done(own("plan", counted, CHECKS));
    for (String line :
        List.of(
            "checks      colour applies to 1 of 2 prompts: red 1\n",
            "checks      count applies to 1 of 2 prompts: 2 1\n",
            "checks      frame applies to 2 of 2 prompts: white border 2\n",
            "needs       adversarial: the encoder efficientnet-lite0, embedded, the images of"
                + " data.references\n",
            "              0.5 x colour\n")) {
      assertTrue(plan.out().contains(line), plan.out());
    }
    Cli.done(own("train", counted, "run.dir=" + folder.resolve("run"), CHECKS));
    for (JsonNode step : steps("run")) {
      assertEquals(0.5, step.get("applies/colour").asDouble(), "" + step);
      assertEquals(0.5, step.get("applies/count").asDouble());
      assertFalse(step.has("applies/frame"), "it applies to all");
      assertTrue(step.get("reward/colour").asDouble() >= 0);
      double total = step.get("reward/total").asDouble();
      assertEquals(step.get("graph/checks").asDouble(), total, 1e-5, "the base has mean 0");
    }
    Cli.done("verify", folder.resolve("run").toString());
    String one = "learner.groups-per-step=1";
    Cli.done(own("train", counted, "run.dir=" + folder.resolve("alone"), CHECKS, one));
    assertEquals(
        List.of(0.0, 1.0),
        steps("alone").stream()
            .limit(2) // after which both prompts have come up
            .map(
                step ->
                    step.hasNonNull("applies/colour") ? step.get("applies/colour").asDouble() : 1)
            .sorted()
            .toList());
    String log = Files.readString(folder.resolve("run/atelier.log"));
    assertTrue(log.contains("reward.colour applies to 1 of 2 prompts: red 1"), log);
    Cli none = Cli.run(own("plan", prompts, CHECKS));
    assertEquals(2, none.code());
    assertTrue(
        none.err()
            .get(0)
            .matches(
                ".*reward\\.count: it does not apply to 2 of 2 prompts of data\\.prompts .*,"
                    + " such as \"red heart\", which names no number .*; take it out of"
                    + " reward\\.graph"),
        none.err().get(0));
  }

  /** In a sum the other prompts would have rewards of another kind. */
  @Test
  void shouldRefuseAWeightedSumInWhichACheckDoesNotApplyToAllPrompts() throws IOException {
    String weight = "reward.colour.weight=1";
    Cli refused = Cli.run(own("plan", "red heart\nbored face\n", weight));
    assertEquals(2, refused.code());
    assertTrue(
        refused.err().get(0).contains("reward.colour: it does not apply to 1 of 2 prompts")
            && refused.err().get(0).contains("such as \"bored face\", which does not name")
            && refused.err().get(0).endsWith("says what counts where it does not apply"),
        refused.err().get(0));
    Cli.done(own("plan", "red heart\nblue face\n", weight));
    Cli wrong =
        Cli.run(own("plan", "{\"prompt\": \"a\", \"count\": \"two\"}\n", "reward.count.weight=1"));
    assertEquals(2, wrong.code());
    assertTrue(
        wrong
            .err()
            .get(0)
            .endsWith(
                "data.prompts: prompt \"a\" has \"count\": \"two\"; make it a whole number from 1 to"
                    + " 100"),
        wrong.err().get(0));
  }

  @Test
  void shouldCompareImagesWithReferencesAndWithEachOther() throws IOException {
    String[] keys = {
      "reward.features.encoder-pixels=64", "reward.similarity.weight=0.3",
      "reward.diversity.weight=0.1", "reward.sharpness.weight=0.2"
    };
    Cli plan = Cli.done(tiny("plan", "none", keys));
    for (String line :
        List.of(
            "reward: adversarial + sharpness + similarity + diversity\n",
            "needs       similarity: the encoder efficientnet-lite0, embedded, references of each"
                + " prompt, 3d\n",
            "needs       diversity: the encoder efficientnet-lite0, embedded\n")) {
      assertTrue(plan.out().contains(line), plan.out());
    }
    Cli.done(tiny("train", "run", keys));
    for (JsonNode step : steps("run")) {
      double similarity = step.get("reward/similarity").asDouble();
      assertTrue(similarity > 0 && similarity < 1, "" + step);
      assertEquals(1, step.get("reward/diversity").asDouble(), 1e-6);
      assertTrue(step.get("reward/diversity/distance").asDouble() > 0, "" + step);
      assertEquals(
          step.get("reward/adversarial").asDouble()
              + 0.3 * similarity
              + 0.1
              + 0.2 * step.get("reward/sharpness").asDouble(),
          step.get("reward/total").asDouble(),
          1e-5);
    }
    Path run = folder.resolve("run");
    assertTrue(
        RunIdentity.read(new RunFiles(run))
            .orElseThrow()
            .now()
            .parts()
            .containsKey("features-encoder"));
    Cli.done("train", "--resume", run.toString(), "run.steps=4");
    assertEquals(4, steps("run").size());
    Path card = folder.resolve("card");
    Cli.done("export-lora", run.toString(), "--out", card.toString());
    String text = Files.readString(card.resolve("README.md"));
    assertTrue(
        text.contains(
            "Reward: adversarial x 1.0 + sharpness x 0.2 + similarity x 0.3 + diversity x 0.1."),
        text);
  }

  @Test
  void shouldTrainByWinRates() throws IOException {
    Cli.done(tiny("train", "scores", "reward.graph=jpeg"));
    Cli.done(tiny("train", "wins", "reward.graph={win-rate=jpeg, temperature=0, name=wins}"));
    for (JsonNode step : steps("wins")) {
      assertEquals(0.5, step.get("graph/wins").asDouble(), 1e-9, "half of all comparisons");
    }
    assertNotEquals(hash("scores"), hash("wins"));
  }

  private String hash(String run) throws IOException {
    return JSON.readTree(folder.resolve(run + "/summary.json").toFile()).get("policyHash").asText();
  }

  @Test
  void shouldNameWhatIsMissingForAComparison() throws IOException {
    for (String[] wrong :
        new String[][] {
          {
            "reward.similarity.weight=1",
            "reward.similarity is scored, which compares an image with references of its own prompt,"
                + " but 1 of 1 prompts have none in data.references"
          },
          {
            "reward.diversity.weight=1 rollout.group-size=1 learner.advantage.weighting=rwr",
            "rollout.group-size is 1, and reward.diversity compares the images of a group"
          },
          {
            "reward.diversity.weight=1 learner.credit.steps.mode=to-go",
            "learner.credit.steps.mode scores single images on the way, and reward.diversity compares"
                + " the images of a group"
          },
          {
            "reward.diversity.weight=1 reward.features.vector=cls",
            "reward.features.vector is cls, which efficientnet-lite0 does not have; take one of"
                + " [pool]"
          },
          {
            "reward.diversity.weight=1 evaluation.every=1 evaluation.encoder=efficientnet-lite0"
                + " reward.adversarial.weight=0",
            "reward.features.encoder efficientnet-lite0 is the same network as evaluation.encoder"
          },
        }) {
      Cli refused = Cli.run(own("plan", "fox\n", wrong[0].split(" ")));
      assertEquals(2, refused.code(), wrong[0]);
      assertTrue(refused.err().get(0).contains(wrong[1]), refused.err().get(0));
    }
  }

  /** The preset's checks on its own data; its own model takes too long here. */
  @Test
  void shouldTrainThePresetOfChecks() throws IOException {
    List<String> command = tiny("train", "agent", "--preset", "agent");
    Cli.done(command);
    for (JsonNode step : steps("agent")) {
      double checks = step.get("graph/checks").asDouble();
      assertTrue(checks >= 0 && checks <= 1, "" + step);
      assertTrue(step.has("reward/frame"), "" + step);
    }
  }
}
