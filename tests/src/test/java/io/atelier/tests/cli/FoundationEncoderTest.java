package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.VitFile;
import io.atelier.models.files.FileException;
import io.atelier.tests.golden.ClipRewardGoldenTest;
import io.atelier.tests.golden.Golden;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs whose critic and measures see images by a DINOv2 in a folder. */
@Timeout(180)
class FoundationEncoderTest {

  @TempDir Path folder;

  /** The critic sees by one network, the evaluation by another. */
  private List<String> train(String run, String... more) throws IOException {
    OwnData data = OwnData.write(folder.resolve(run + "-data"), EmojiStyle.THREE_D);
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + folder.resolve(run)));
    command.addAll(data.settings());
    command.addAll(TinyEncoder.SETTINGS);
    command.add(
        "reward.adversarial.encoder=" + TinyEncoder.write(folder.resolve("critic"), "plain"));
    command.add("evaluation.encoder=" + TinyEncoder.write(folder.resolve("judge"), "registers"));
    command.addAll(
        List.of(
            "evaluation.encoder-pixels=84", // twice the table of positions
            "evaluation.every=1",
            "evaluation.prompts=4",
            "evaluation.shown=1",
            "evaluation.steps=2",
            "run.steps=1"));
    command.addAll(List.of(more));
    return command;
  }

  private static void assertEnds(Cli result) {
    assertEquals(0, result.code(), String.join("\n", result.err()));
  }

  private JsonNode summary(String run) throws IOException {
    return JsonMapper.builder().build().readTree(folder.resolve(run + "/summary.json").toFile());
  }

  @Test
  void shouldTrainAgainstAFoundationModel() throws IOException {
    assertEnds(Cli.run(train("run")));
    assertEnds(Cli.run("verify", folder.resolve("run").toString()));
    String metrics = Files.readString(folder.resolve("run/metrics.jsonl"));
    assertTrue(metrics.contains("critic/accuracy"), metrics);
    assertTrue(metrics.contains("reward/adversarial/local"), metrics);
    assertFalse(metrics.contains("NaN"), metrics);
    assertTrue(summary("run").toString().contains("kid"), summary("run").toString());
    // The same again, from another place: what an encoder is called is no part of a run.
    Path moved = folder.resolve("elsewhere");
    Cli again =
        Cli.run(
            train(
                "again",
                "reward.adversarial.encoder=" + TinyEncoder.write(moved, "plain"),
                "workers.reward=2"));
    assertEnds(again);
    for (String hash : List.of("policyHash", "criticHash")) {
      assertEquals(summary("run").get(hash), summary("again").get(hash), hash);
    }
  }

  @Test
  void shouldTrainAgainstASiglipAndMeasureByADinov3() throws IOException {
    assertEnds(
        Cli.run(
            train(
                "run",
                "reward.adversarial.encoder=" + Golden.path("siglip"),
                "reward.adversarial.encoder-pixels=16",
                "reward.adversarial.vectors=[pool]",
                "evaluation.encoder=" + Golden.path("dinov3", "transformers"),
                "evaluation.encoder-pixels=24")));
    String metrics = Files.readString(folder.resolve("run/metrics.jsonl"));
    assertTrue(metrics.contains("reward/adversarial/local"), metrics);
    assertFalse(metrics.contains("NaN"), metrics);
    assertTrue(summary("run").toString().contains("kid"), summary("run").toString());
  }

  /** A head for each block, of whose places the highest count, and a gate that weighs them. */
  @Test
  void shouldFuseWhatComesOutOfBlocks() throws IOException {
    String[] blocks = {
      "evaluation.every=0",
      "run.steps=2",
      "reward.adversarial.maps=[block0, block2]",
      "reward.adversarial.shared-projection=false",
      "reward.adversarial.normalise=none",
      "reward.adversarial.sees-prompt=false",
      "reward.adversarial.global-weight=0",
      "reward.adversarial.local-weight=1",
      "reward.adversarial.top-share=0.2",
      "reward.adversarial.fusion=gated",
      "reward.adversarial.temperature=2",
      "critic.global-loss=0",
      "critic.local-loss=1",
      "critic.wrong-prompt=0",
      "critic.places=0"
    };
    assertEnds(Cli.run(train("run", blocks)));
    assertEnds(Cli.run("verify", folder.resolve("run").toString()));
    List<String> steps = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
    assertEquals(2, steps.size());
    for (String step : steps) {
      JsonNode values = JsonMapper.builder().build().readTree(step);
      double reward = values.get("reward/adversarial").asDouble();
      assertTrue(reward > 0 && reward < 1, step);
      assertTrue(values.get("critic/loss").asDouble() > 0, step);
    }
    String[] stopped = blocks.clone();
    stopped[1] = "run.steps=1";
    assertEnds(Cli.run(train("stopped", stopped)));
    String other = folder.resolve("stopped").toString();
    assertEnds(Cli.run("train", "--resume", other, "run.steps=2"));
    for (String hash : List.of("policyHash", "criticHash")) {
      assertEquals(summary("run").get(hash), summary("stopped").get(hash), hash);
    }
  }

  @Test
  void shouldNameTheBlocksThatThereAre() throws IOException {
    Cli refused =
        Cli.run(
            train(
                "run",
                "reward.adversarial.maps=[block7]",
                "reward.adversarial.shared-projection=false"));
    assertEquals(2, refused.code());
    String said = String.join("\n", refused.err());
    assertTrue(said.contains("\"block7\", which the encoder does not give"), said);
    assertTrue(said.contains("patches, block0, block1, block2"), said);
  }

  /** Of 16 places the critic learns from 4. */
  @Test
  void shouldKeepSomePlacesOfAnImage() throws IOException {
    assertEnds(Cli.run(train("all", "evaluation.every=0")));
    assertEnds(Cli.run(train("some", "evaluation.every=0", "reward.adversarial.kept-places=4")));
    assertNotEquals(summary("all").get("criticHash"), summary("some").get("criticHash"));
    assertEquals(
        summary("all").get("policyHash"),
        summary("some").get("policyHash"),
        "the first step's scores are of all places");
  }

  /** A CLIP of transformers scores, one of open_clip with other weights measures. */
  @Test
  void shouldTrainOnFrozenRewards() throws IOException {
    Path clip = GoldenClip.write(folder.resolve("clip"), "transformers");
    Path head = ClipRewardGoldenTest.aesthetic(folder.resolve("head.safetensors"));
    Path judge = GoldenClip.write(folder.resolve("judge-clip"), "open_clip");
    assertEnds(
        Cli.run(
            train(
                "run",
                "reward.adversarial.weight=0",
                "reward.pickscore.weight=0.5",
                "reward.pickscore.model=" + clip,
                "reward.clip-score.weight=0.5",
                "reward.clip-score.model=" + clip,
                "reward.hpsv2.weight=0.5",
                "reward.hpsv2.model=" + clip,
                "reward.aesthetic.weight=0.1",
                "reward.aesthetic.model=" + clip,
                "reward.aesthetic.head=" + head,
                "evaluation.encoder=" + judge,
                "evaluation.encoder-pixels=56")));
    assertEnds(Cli.run("verify", folder.resolve("run").toString()));
    String metrics = Files.readString(folder.resolve("run/metrics.jsonl"));
    for (String name : List.of("pickscore", "clip-score", "hpsv2", "aesthetic")) {
      assertTrue(metrics.contains("\"reward/" + name), metrics);
    }
    assertFalse(metrics.contains("critic/accuracy"), metrics);
    Path lora = folder.resolve("lora");
    assertEnds(Cli.run("export-lora", folder.resolve("run").toString(), "--out", lora.toString()));
    String card = Files.readString(lora.resolve("README.md"));
    String reward = "pickscore x 0.5 + clip-score x 0.5 + hpsv2 x 0.5 + aesthetic x 0.1";
    assertTrue(card.contains("Reward: %s.".formatted(reward)), card);
  }

  @Test
  void shouldNotGoOnWithAnotherEncoder() throws IOException {
    assertEnds(Cli.run(train("run", "evaluation.every=0")));
    TinyEncoder.write(
        folder.resolve("critic"), "plain", all -> all.get("layernorm.bias").values()[0] += 1);
    Cli resumed = Cli.run("train", "--resume", folder.resolve("run").toString(), "run.steps=2");
    assertNotEquals(0, resumed.code());
    assertTrue(resumed.err().get(0).contains("encoder: "), String.join("\n", resumed.err()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"do_normalize\": false", "\"do_rescale\": false", "\"rescale_factor\": 1.0"})
  void shouldRefuseColoursThatAreNotComputed(String key) throws IOException {
    Path encoder = TinyEncoder.write(folder.resolve("dino"), "plain");
    Path file = encoder.resolve("preprocessor_config.json");
    Files.writeString(
        file,
        "{\"do_normalize\": true, \"do_rescale\": true, \"rescale_factor\": 0.00392156862745098}");
    VitFile.open(encoder);
    Files.writeString(file, "{" + key + "}");
    String said = assertThrows(FileException.class, () -> VitFile.open(encoder)).getMessage();
    assertTrue(said.startsWith(file + ": " + key + " is not supported"), said);
  }

  @Test
  void shouldRefuseAnEndMarkThatNoTextHas() throws IOException {
    Path clip = GoldenClip.write(folder.resolve("clip"), "transformers");
    ClipFolder.open(clip);
    Path config = clip.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replaceFirst("eos_token_id\": \\d+", "eos_token_id\": 5"));
    String said = assertThrows(FileException.class, () -> ClipFolder.open(clip)).getMessage();
    assertTrue(said.contains("\"eos_token_id\" is 5, but texts end with 693"), said);
  }
}
