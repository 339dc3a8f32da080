package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.lora.LoraFile;
import io.atelier.models.lora.LoraWeights;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.tests.golden.Golden;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An exported adapter says what it is, in its header and in the card beside it. */
@Timeout(240)
class ExportCardTest {

  @TempDir static Path shared;
  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    run = shared.resolve("my run");
    OwnData data = OwnData.write(shared.resolve("data"), EmojiStyle.THREE_D);
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.addAll(data.settings());
    command.addAll(List.of("reward.adversarial.weight=0", "reward.jpeg.weight=1"));
    command.add("reward.critics.look.weight=0.25");
    command.addAll(List.of("run.steps=1", "learner.learning-rate=0.1"));
    command.addAll(List.of("evaluation.every=1", "evaluation.prompts=2", "evaluation.shown=2"));
    command.add("evaluation.steps=2");
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), result.err().toString());
  }

  private Cli export(String format, String... more) {
    List<String> command = new ArrayList<>(List.of("export-lora", run.toString()));
    command.addAll(List.of("--format", format, "--out", folder.resolve(format).toString()));
    command.addAll(List.of(more));
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), result.err().toString());
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "diffusers, pytorch_lora_weights.safetensors, load_lora_weights",
    "peft, adapter_model.safetensors, PeftModel"
  })
  void shouldSayWhatItIsAndNameNoPathOfThisMachine(String format, String file, String load)
      throws IOException {
    export(format, "--trigger-words", "3d \"icon\"", "--license", "mit", "--title", "Mine");
    Map<String, String> header =
        SafetensorsFile.open(folder.resolve(format).resolve(file)).metadata();
    RunIdentity identity = RunIdentity.read(new RunFiles(run)).orElseThrow();
    assertEquals("1.0.0", header.get("modelspec.sai_model_spec"));
    assertEquals("stable-diffusion-v3/lora", header.get("modelspec.architecture"));
    assertEquals("Mine", header.get("modelspec.title"));
    assertEquals("3d \"icon\"", header.get("modelspec.trigger_phrase"));
    assertEquals("mit", header.get("modelspec.license"));
    assertTrue(header.get("modelspec.date").matches("20\\d\\d-\\d\\d-\\d\\d"));
    assertEquals("model", header.get("atelier.base"));
    assertEquals(identity.now().parts().get("model").digest(), header.get("atelier.base-sha256"));
    assertEquals("my run", header.get("atelier.run"));
    assertEquals(identity.fingerprint(), header.get("atelier.fingerprint"));
    assertEquals("1", header.get("atelier.step"));
    JsonNode settings = new ObjectMapper().readTree(header.get("atelier.settings"));
    assertEquals(2, settings.get("rank").intValue());
    assertEquals(0.1, settings.get("learning-rate").doubleValue());
    assertEquals("adversarial (look) x 0.25 + jpeg x 1.0", settings.get("reward").textValue());
    assertEquals(8, settings.get("targets").size());

    String uri = header.get("modelspec.thumbnail");
    String start = "data:image/jpeg;base64,";
    assertTrue(uri.startsWith(start));
    byte[] jpeg = Base64.getDecoder().decode(uri.substring(start.length()));
    BufferedImage thumbnail = ImageIO.read(new ByteArrayInputStream(jpeg));
    assertTrue(Math.max(thumbnail.getWidth(), thumbnail.getHeight()) <= 256);

    String card = Files.readString(folder.resolve(format).resolve("README.md"));
    assertTrue(card.startsWith("---\nlicense: \"mit\"\nbase_model: \"model\"\n"), card);
    assertTrue(card.contains("instance_prompt: \"3d \\\"icon\\\"\"\n"), card);
    assertTrue(card.contains("# Mine\n") && card.contains(load), card);
    assertTrue(card.contains("- red fox\n"), card);
    assertTrue(card.contains("Measurements on trained prompts"), card);
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(new RunFiles(run).evaluations())) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertEquals(2, lines.size());
    assertTrue(
        card.contains(
            String.format(
                Locale.ROOT,
                "| kidReference | %.4g | %.4g |",
                lines.get(0).get("kidReference").doubleValue(),
                lines.get(1).get("kidReference").doubleValue())),
        card);
    assertFalse(card.contains(shared.toString()), card);
    assertFalse(header.toString().contains(shared.toString()), "paths say where somebody works");
  }

  @ParameterizedTest
  @CsvSource({"bfloat16, BF16, 256", "float16, F16, 2048"})
  void shouldRoundToHalfPrecisionWhereAsked(String type, String stored, double steps) {
    export("diffusers");
    export("peft", "--type", type);
    NamedTensors whole =
        LoraFile.read(folder.resolve("diffusers"), Golden.maps("sd3-tiny")).tensors();
    Path half = folder.resolve("peft");
    LoraWeights read = LoraFile.read(half, Golden.maps("sd3-tiny"));
    SafetensorsFile file = SafetensorsFile.open(half.resolve("adapter_model.safetensors"));
    file.names().forEach(name -> assertEquals(stored, file.info(name).dtype()));
    boolean rounded = false;
    for (Map.Entry<String, Tensor> entry : read.folded().tensors().asMap().entrySet()) {
      float[] expected = whole.get(entry.getKey()).values();
      float[] actual = entry.getValue().values();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], Math.abs(expected[i]) / steps + 1e-6, entry.getKey());
        rounded |= expected[i] != actual[i];
      }
    }
    assertTrue(rounded, "float32 has more digits");
  }

  @Test
  void shouldKeepACardThatIsThere() throws IOException {
    export("diffusers");
    Path card = folder.resolve("diffusers/README.md");
    String first = Files.readString(card);
    assertFalse(first.contains("license:"), "nobody named one");
    Files.writeString(card, "mine");
    assertTrue(export("diffusers").out().contains("exists and is kept"));
    assertEquals("mine", Files.readString(card));
    export("diffusers", "--overwrite-card");
    assertEquals(first, Files.readString(card));
  }
}
