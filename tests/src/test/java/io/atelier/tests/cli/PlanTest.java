package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.tests.models.PipelineCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code plan} opens what {@code train} opens, and fails as it does; neither leaves anything. */
class PlanTest {

  @TempDir Path folder;

  private static Arguments row(String name, Consumer<PipelineCopy> change, String said) {
    return Arguments.of(name, change, said);
  }

  static Stream<Arguments> models() {
    String lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12345678\n";
    String network = "transformer/diffusion_pytorch_model.safetensors";
    return Stream.of(
        row("pointer", model -> model.write(network, lfs), "Git LFS pointer"),
        row(
            "no weights of T5",
            model -> model.without("text_encoder_3/model.safetensors"),
            "text_encoder_3 has neither"),
        row(
            "NaN",
            model ->
                model.tensors(network, all -> all.get("proj_out.bias").values()[1] = Float.NaN),
            "\"proj_out.bias\" is NaN at element 1"),
        row(
            "infinite vae",
            model ->
                model.tensors(
                    "vae/diffusion_pytorch_model.safetensors",
                    all -> all.get("decoder.conv_out.bias").values()[0] = Float.POSITIVE_INFINITY),
            "\"decoder.conv_out.bias\" is Infinity"),
        row("second tokenizer", model -> model.write("tokenizer_2/tokenizer.json", "{"), "JSON"),
        row(
            "noise levels",
            model -> model.set("scheduler/scheduler_config.json", "use_karras_sigmas", "true"),
            "use_karras_sigmas"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  @Timeout(120)
  void shouldFailAsTrainDoes(String name, Consumer<PipelineCopy> change, String said)
      throws IOException {
    PipelineCopy model = PipelineCopy.of("sd3-tiny", folder.resolve("model"));
    change.accept(model);
    Path images = Files.createDirectory(folder.resolve("runs"));
    List<String> settings = new ArrayList<>(TinyPipeline.SHORT);
    settings.add("model.path=" + model.root());
    settings.add("run.dir=" + images.resolve("run"));
    Cli plan = Cli.run(command("plan", settings));
    Cli train = Cli.run(command("train", settings));
    assertTrue(plan.err().get(0).contains(said), plan.err().get(0));
    assertEquals(train.err().get(0), plan.err().get(0));
    assertEquals(train.code(), plan.code());
    assertNotEquals(0, plan.code());
    assertFalse(Files.exists(images.resolve("run")), "a run was left behind");
  }

  @Test
  void shouldPlanWhatIsSound() {
    List<String> settings = new ArrayList<>(TinyPipeline.SHORT);
    settings.add("model.path=" + TinyPipeline.path());
    settings.add("run.seed=18446744073709551615");
    Cli plan = Cli.run(command("plan", settings));
    assertEquals(0, plan.code(), () -> String.join("\n", plan.err()));
    assertTrue(plan.out().contains("seed 18446744073709551615"), plan.out());
  }

  private static List<String> command(String name, List<String> settings) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(settings);
    return command;
  }
}
