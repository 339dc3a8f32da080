package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.condition.RewardBins;
import io.atelier.models.condition.RewardConditionConfig;
import io.atelier.models.condition.RewardConditionFile;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.state.NamedTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that is told of rewards, on the command line. */
class RewardConditionCommandTest {

  @TempDir private Path folder;
  private Path told;

  @BeforeEach
  void tell() throws IOException {
    told = TinyPipeline.changed(folder.resolve("told"), tensors -> {}).toAbsolutePath();
    RewardConditionConfig config =
        new RewardConditionConfig(
            List.of("style3d", "jpeg"),
            List.of(
                RewardBins.fit(new float[] {-1, 0, 1}, 2),
                RewardBins.fit(new float[] {-3, -2, -1}, 2)),
            new PipelineFolder(told).transformerConfig().pooledDim());
    SplittableRandom random = new SplittableRandom(4);
    Map<String, NamedTensors.Tensor> weights = new TreeMap<>();
    config
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[NamedTensors.elements(shape)];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
              }
              weights.put(name, new NamedTensors.Tensor(shape, values));
            });
    RewardConditionFile.write(told, config, new NamedTensors(weights));
  }

  private byte[] sample(String... more) throws IOException {
    Path image = folder.resolve("image.png");
    Cli.done(arguments(image, more));
    return Files.readAllBytes(image);
  }

  private List<String> arguments(Path image, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("sample", "--threads", "1", "--steps", "2", "--prompt", "a fox"));
    arguments.addAll(List.of("--model", told.toString(), "--out", image.toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static void refused(Cli result, String... parts) {
    String error = String.join("\n", result.err());
    assertEquals(2, result.code(), error);
    for (String part : parts) {
      assertTrue(error.contains(part), error);
    }
  }

  @Test
  void shouldDrawWhatIsAskedFor() throws IOException {
    byte[] open = sample();
    byte[] best = sample("--reward", "style3d=1", "--reward", "jpeg=0.5");
    assertArrayEquals(best, sample("--reward", "jpeg=0.5", "--reward", "style3d=1"));
    assertArrayEquals(
        best,
        sample(
            "--reward=style3d=1",
            "--reward=jpeg=0.5",
            "--reward-negative=style3d=0",
            "--reward-negative=jpeg=0"),
        "the negative is 0 by default");
    for (byte[] other :
        List.of(
            open,
            sample("--reward", "style3d=1"),
            sample("--reward", "style3d=1", "--reward", "jpeg=0.5", "--negative-keeps-text"))) {
      assertFalse(Arrays.equals(best, other));
    }
  }

  @Test
  void shouldRefuseWhatTheModelDoesNotKnow() {
    Path image = folder.resolve("none.png");
    refused(
        Cli.run(arguments(image, "--reward", "sharpness=1")),
        "\"sharpness\"",
        "it knows style3d, jpeg");
    refused(Cli.run(arguments(image, "--reward", "jpeg=1.5")), "jpeg=1.5 must be 0 to 1");
    refused(Cli.run(arguments(image, "--reward-negative", "jpeg=0")), "need a --reward");
    refused(
        Cli.run(arguments(image, "--reward", "jpeg=1", "--negative-keeps-text", "--guidance", "1")),
        "change nothing at guidance 1");
    refused(
        Cli.run(
            List.of(
                "sample", "--prompt", "a fox", "--reward", "jpeg=1", "--out", image.toString())),
        "emoji64",
        "is not conditioned on rewards");
  }

  @Test
  void shouldRefuseAModelThatNothingTellsItsRewards() throws IOException {
    String named = "told is conditioned on the rewards style3d, jpeg";
    List<String> train = new ArrayList<>(List.of("train", "model.path=" + told));
    train.add("run.dir=" + folder.resolve("run"));
    train.addAll(TinyPipeline.SHORT);
    refused(Cli.run(train), named);
    Path prompts = Files.writeString(folder.resolve("prompts.txt"), "a fox\n");
    refused(
        Cli.run(
            List.of(
                "references",
                "--model",
                told.toString(),
                "--prompts",
                prompts.toString(),
                "--out",
                folder.resolve("set").toString())),
        named);
    refused(Cli.run("eval", "--base", "--model", told.toString()), named);
    refused(
        Cli.run("pretrain", "--from", told.toString(), "--out", folder.resolve("more").toString()),
        named);
  }

  @Test
  void shouldRefuseRewardsThatDrawingsDoNotHave() {
    String out = folder.resolve("pretrained").toString();
    refused(
        Cli.run("pretrain", "--out", out, "--rewards", "style3d,jpg"),
        "--rewards: there is no reward \"jpg\" of drawings",
        "style3d, jpeg, sharpness");
    refused(Cli.run("pretrain", "--out", out, "--rewards", "jpeg,jpeg"), "\"jpeg\" is named twice");
  }
}
