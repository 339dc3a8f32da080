package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.models.assets.EmojiStyle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Choosing by the rewards of two runs on the tiny model, of prompts that neither was trained on.
 */
@Timeout(300)
class BestOfCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static OwnData data;
  private static Path first;
  private static Path second;
  private static Path heldOut;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    data = OwnData.write(shared.resolve("data"), EmojiStyle.FLAT);
    heldOut = Files.writeString(shared.resolve("held-out.txt"), "blue cat\nfox hat\nred dog\n");
    first = shared.resolve("first");
    second = shared.resolve("second");
    train(first, "run.seed=1", "reward.adversarial.sees-prompt=true");
    train(second, "run.seed=2", "critic.members=2");
  }

  private static void train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.addAll(data.settings());
    command.addAll(List.of("run.steps=1", "evaluation.encoder-pixels=64"));
    command.addAll(List.of(more));
    Cli.done(command);
  }

  private static List<String> command(String... more) {
    List<String> command = new ArrayList<>(List.of("best-of", "--threads", "1"));
    command.addAll(List.of("evaluation.prompts=3", "evaluation.steps=2"));
    command.add("data.held-out=" + heldOut);
    command.addAll(List.of(more));
    return command;
  }

  private static JsonNode measured(String... more) throws IOException {
    List<String> command = command(more);
    command.addAll(List.of("--json", "--images", "4"));
    Cli result = Cli.done(command);
    assertEquals(1, result.out().lines().count(), result.out());
    return JSON.readTree(result.out());
  }

  private static void refused(String part, String... more) {
    Cli result = Cli.run(command(more));
    String error = String.join("\n", result.err());
    assertEquals(2, result.code(), error);
    assertTrue(error.contains(part), error);
  }

  @Test
  void shouldMeasureWhatTwoRunsChooseTogether() throws IOException {
    String[] runs = {first.toString(), second.toString(), "--of", "1,2,4"};
    JsonNode both = measured(runs);
    assertEquals(3, both.get("prompts").asInt());
    assertEquals(4, both.get("images").asInt());
    double agreement = both.get("agreement").asDouble();
    assertTrue(agreement >= -1 && agreement <= 1, "" + both);
    for (String name : List.of("score", "kidReference", "kidReferenceRaw", "kidBase")) {
      for (int n : new int[] {1, 2, 4}) {
        assertTrue(both.get(name + "@" + n).isDouble(), "" + both);
      }
    }
    // Each run's scores are centred, and of all images one is the best of one.
    assertEquals(0, both.get("score@1").asDouble(), 1e-6);
    assertTrue(both.get("score@2").asDouble() > 0, "" + both);
    assertTrue(both.get("score@4").asDouble() > both.get("score@2").asDouble(), "" + both);
    assertTrue(both.has("diversity@2"));
    assertFalse(both.has("diversity@4"), "one image of each prompt is chosen");
    assertFalse(both.has("styleShare@4"), "the references are of no style");
    assertEquals(both, measured(runs));
    JsonNode worst = measured(first.toString(), second.toString(), "--aggregate", "min");
    assertTrue(worst.get("score@1").asDouble() < 0, "the lower of two is below their mean");
    assertEquals(both.get("kidReference@1"), worst.get("kidReference@1"), "the same images");
    assertFalse(worst.has("score@16"), "there are 4 images");
  }

  @Test
  void shouldShowATableOfOneRun() {
    Cli result = Cli.done(command(first.toString(), "--images", "2"));
    List<String> lines = result.out().lines().toList();
    assertEquals(2, lines.size(), result.out());
    assertTrue(lines.get(0).matches("n +score +kidReference +kidReferenceRaw +kidBase +diversity"));
    assertTrue(lines.get(1).startsWith("1 "), result.out());
    assertTrue(result.err().contains("measuring the references"), "" + result.err());
  }

  @Test
  void shouldTakeOtherWeightsBesideTheSameCritic() throws IOException {
    JsonNode alone = measured(first.toString());
    JsonNode jpeg = measured(first.toString(), "reward.jpeg.weight=1000");
    assertEquals(alone.get("kidReference@1"), jpeg.get("kidReference@1"), "the same images");
    double less = alone.get("score@1").asDouble() - jpeg.get("score@1").asDouble();
    assertTrue(less > 1 && less < 50, "the bytes over 500, of some kilobytes: " + less);
    JsonNode graph = measured(first.toString(), "reward.graph={normalise=adversarial, over=group}");
    assertEquals(0, graph.get("score@1").asDouble(), 1e-6);
    refused(
        "first has the critics [adversarial], and with the settings given here it would have []",
        first.toString(),
        "reward.graph=jpeg");
    refused(
        "reward.adversarial.encoder=vae changes nothing that best-of does",
        first.toString(),
        "reward.adversarial.encoder=vae");
  }

  @Test
  void shouldMeasureOnSomeOfThePromptsAlone() throws IOException {
    assertEquals(2, measured(first.toString(), "--only", "cat|dog").get("prompts").asInt());
    refused("1 of the 3 prompts to measure on are selected", first.toString(), "--only", "cat");
    refused("--only ( is not a regular expression", first.toString(), "--only", "(");
    // Without a file of others, these are what the run was trained on.
    List<String> trained = List.of("best-of", "--threads", "1", "--images", "2", "--json");
    List<String> command = new ArrayList<>(trained);
    command.addAll(List.of(first.toString(), "evaluation.steps=2"));
    Cli result = Cli.done(command);
    assertTrue(
        result.err().stream().anyMatch(line -> line.contains("was trained on 4 of the 4 prompts")),
        "" + result.err());
  }

  @Test
  void shouldRefuseWhatCannotBeMeasured() throws IOException {
    String run = first.toString();
    refused("no run is named");
    refused("is neither a checkpoint nor a run folder with one", folder.toString());
    refused("is named twice", run, run);
    refused("--of 5 must be 1 to 4", run, "--images", "4", "--of", "1,5");
    refused("--images 1 must be 2 to", run, "--images", "1");
    refused("--aggregate needs several runs", run, "--aggregate", "min");
    refused(
        "--aggregate max must be mean, median, mean-std or min",
        run,
        second.toString(),
        "--aggregate",
        "max");
    for (String setting : List.of("run.steps=3", "evaluation.shown=1", "rollout.height=32")) {
      refused(setting + " changes nothing that best-of does", run, setting);
    }
    refused("evaluation.encoder", run, "evaluation.encoder=efficientnet-lite0");
    refused("of 64 x 32 pixels, and", run, changed("config.conf", "width=64", "width=32"));
    refused(
        "was changed by hand",
        run,
        changed("identity.json", "\"run.seed\" : \"2\"", "\"run.seed\" : \"3\""));
    Path model =
        TinyPipeline.changed(
            folder.resolve("other"), weights -> weights.get("proj_out.bias").values()[0] = 0.25f);
    Path stranger = folder.resolve("stranger");
    train(stranger, "model.path=" + model);
    refused("stranger is of another model than", run, stranger.toString());
  }

  private static Path checkpoint() {
    return new RunFiles(second).checkpoints().resolve("step-000001");
  }

  /** A checkpoint in which one of the files that are looked at first is another. */
  private String changed(String name, String from, String to) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name));
    for (String file : List.of("config.conf", "identity.json", "manifest.json")) {
      String text = Files.readString(checkpoint().resolve(file));
      if (file.equals(name)) {
        assertTrue(text.contains(from), text);
        text = text.replace(from, to);
      }
      Files.writeString(copy.resolve(file), text);
    }
    return copy.toString();
  }
}
