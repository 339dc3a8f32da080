package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.encoder.VitConfig;
import io.atelier.models.encoder.VitConfig.Activation;
import io.atelier.models.encoder.VitConfig.Biases;
import io.atelier.models.encoder.VitEncoder;
import io.atelier.models.encoder.VitFile;
import io.atelier.models.encoder.VitLayout;
import io.atelier.models.files.FileException;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SigLIP and DINOv3, at the size that they were made for and at others. */
@Tag("golden")
class FamiliesGoldenTest {

  private static final double BOUND = 5e-5;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"expected,16", "expected_24,24", "expected_12,12"})
  void shouldEncodeAsSiglip(String file, int pixels) {
    VitFile siglip = VitFile.open(Golden.path("siglip"));
    siglip.requireFinite();
    assertEquals(VitLayout.SIGLIP, siglip.config().layout());
    assertEquals(0, siglip.config().prefix());
    SafetensorsFile expected = Golden.tensors("siglip", file + ".safetensors");
    try (VitEncoder encoder = new VitEncoder("siglip", siglip, settings(pixels))) {
      Map<String, Feature> features = encoder.encode(GoldenImages.read(expected));
      Golden.assertClose("pool", expected.floats("pooled"), value(features, "pool"), BOUND);
      assertPatches(expected, 0, features);
    }
  }

  @ParameterizedTest
  @CsvSource({"expected,16", "expected_24,24"})
  void shouldEncodeAsDinov3OfTransformers(String file, int pixels) {
    VitFile dino = VitFile.open(Golden.path("dinov3", "transformers"));
    assertEquals(VitLayout.TRANSFORMERS_DINOV3, dino.config().layout());
    assertEquals(16, dino.config().pixels());
    SafetensorsFile expected = Golden.tensors("dinov3", file + ".safetensors");
    try (VitEncoder encoder = new VitEncoder("dinov3", dino, settings(pixels))) {
      assertTokens(expected, encoder);
    }
  }

  @ParameterizedTest
  @CsvSource({"expected,16", "expected_24,24"})
  void shouldEncodeAsDinov3OfTimm(String file, int pixels) {
    SafetensorsWeights weights =
        new SafetensorsWeights(Golden.tensors("dinov3", "timm.safetensors"));
    assertEquals(Optional.of(VitLayout.TIMM_DINOV3), VitLayout.of(weights));
    var config = VitLayout.TIMM_DINOV3.infer(weights, Optional.of(2));
    assertEquals(5, config.prefix());
    assertEquals(Biases.QUERIES_AND_VALUES, config.biases());
    SafetensorsFile expected = Golden.tensors("dinov3", file + ".safetensors");
    try (VitEncoder encoder = new VitEncoder("dinov3", config, weights, settings(pixels))) {
      assertTokens(expected, encoder);
    }
  }

  private static EncoderConfig settings(int pixels) {
    return new EncoderConfig(pixels, Filter.BICUBIC, 1, 4);
  }

  private static float[] value(Map<String, Feature> features, String name) {
    return features.get(name).values();
  }

  /** The class token, four registers, then patches row by row. */
  private static void assertTokens(SafetensorsFile expected, VitEncoder encoder) {
    Map<String, Feature> features = encoder.encode(GoldenImages.read(expected));
    long[] shape = expected.info("tokens").shape();
    float[] tokens = expected.floats("tokens");
    int width = (int) shape[2];
    float[] cls = new float[(int) shape[0] * width];
    for (int n = 0; n < shape[0]; n++) {
      System.arraycopy(tokens, n * (int) shape[1] * width, cls, n * width, width);
    }
    Golden.assertClose("cls", cls, value(features, "cls"), BOUND);
    assertPatches(expected, 5, features);
  }

  private static void assertPatches(
      SafetensorsFile expected, int prefix, Map<String, Feature> features) {
    long[] shape = expected.info("tokens").shape();
    int count = (int) shape[0];
    int all = (int) shape[1];
    int width = (int) shape[2];
    int places = all - prefix;
    int side = (int) Math.sqrt(places);
    float[] tokens = expected.floats("tokens");
    float[] patches = new float[count * width * places];
    for (int n = 0; n < count; n++) {
      for (int i = 0; i < places * width; i++) {
        patches[(n * width + i % width) * places + i / width] =
            tokens[(n * all + prefix) * width + i];
      }
    }
    assertArrayEquals(new long[] {count, width, side, side}, features.get("patches").shape());
    Golden.assertClose("patches", patches, value(features, "patches"), BOUND);
  }

  private Path copy(String... golden) throws IOException {
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Path from = Golden.path(golden[0], Arrays.copyOfRange(golden, 1, golden.length));
      Files.copy(from.resolve(name), folder.resolve(name));
    }
    return folder;
  }

  private void change(String from, String to) throws IOException {
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);
    assertTrue(text.contains(from), text);
    Files.writeString(config, text.replace(from, to));
  }

  private String refusal() {
    return assertThrows(FileException.class, () -> VitFile.open(folder)).getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    "\"rope_theta\": 100.0,\"rope_theta\": 50.0",
    "\"use_gated_mlp\": false,\"use_gated_mlp\": true",
    "\"hidden_act\": \"gelu\",\"hidden_act\": \"silu\"",
    "\"mlp_bias\": true,\"mlp_bias\": false",
    "\"value_bias\": true,\"value_bias\": false"
  })
  void shouldRefuseADinov3ThatIsNotComputed(String from, String to) throws IOException {
    copy("dinov3", "transformers");
    change(from, to);
    String said = refusal();
    String key = from.substring(0, from.indexOf(':'));
    assertTrue(said.contains(key + ": ") && said.contains("is not supported, only"), said);
  }

  @Test
  void shouldHoldBiasesAgainstTheConfiguration() throws IOException {
    copy("dinov3", "transformers");
    change("\"key_bias\": false", "\"key_bias\": true");
    String said =
        assertThrows(IllegalArgumentException.class, () -> VitFile.open(folder)).getMessage();
    assertTrue(said.contains("\"layer.0.attention.k_proj.bias\" is missing"), said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"hidden_act\": \"gelu\"", "\"vision_use_head\": false"})
  void shouldRefuseASiglipThatIsNotComputed(String key) throws IOException {
    copy("siglip");
    change("\"vision_config\": {", "\"vision_config\": {" + key + ",");
    change(
        "    \"hidden_act\": \"gelu_pytorch_tanh\",\n    \"hidden_size\": 32",
        "\"hidden_size\": 32");
    String said = refusal();
    assertTrue(said.contains("vision_config: " + key + " is not supported, only"), said);
  }

  /** As the file of the published B/16 is: what is usual is left out. */
  @Test
  void shouldTakeTheUsualSizesOfASiglip() throws IOException {
    copy("siglip");
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \"siglip\", \"vision_config\": {\"image_size\": 512}}");
    String said =
        assertThrows(IllegalArgumentException.class, () -> VitFile.open(folder)).getMessage();
    assertTrue(said.contains("[768, 3, 16, 16]"), said);
  }

  @Test
  void shouldAskForTheFolderOfASiglip() throws IOException {
    Path file = copy("siglip").resolve("model.safetensors");
    String said = assertThrows(FileException.class, () -> VitFile.open(file)).getMessage();
    assertTrue(said.contains("name a folder that has its config.json"), said);
  }

  private Path timm(String config, Path weights) throws IOException {
    Files.copy(weights, folder.resolve("model.safetensors"));
    Files.writeString(folder.resolve("config.json"), config);
    return folder;
  }

  @ParameterizedTest
  @CsvSource({
    "vit_huge_plus_patch16_dinov3_qkvb,'0.485, 0.456, 0.406',of DINOv3 only S",
    "vit_large_patch16_dinov3_qkvb,'0.430, 0.411, 0.296',is not supported"
  })
  void shouldRefuseADinov3OfTimmThatIsNotComputed(String architecture, String mean, String why)
      throws IOException {
    timm(
        """
        {"architecture": "%s", "pretrained_cfg": {"mean": [%s], "std": [0.229, 0.224, 0.225]}}
        """
            .formatted(architecture, mean),
        Golden.path("dinov3", "timm.safetensors"));
    String said = refusal();
    assertTrue(said.contains(why), said);
  }

  /** One of the plain models, which have no biases of queries, keys and values. */
  @Test
  void shouldReadAFolderOfTimm() throws IOException {
    VitConfig config =
        new VitConfig(
            VitLayout.TIMM_DINOV3, 64, 1, 1, 8, 4, 16, 4, Biases.NONE, Activation.GELU, 1e-5, 0);
    SafetensorsWriter writer = new SafetensorsWriter();
    config
        .shapes()
        .forEach((name, shape) -> writer.add(name, shape, new float[NamedTensors.elements(shape)]));
    Path weights = folder.resolve("weights.safetensors");
    writer.write(weights);
    VitFile file = VitFile.open(timm("{\"architecture\": \"vit_base_patch16_dinov3\"}", weights));
    assertEquals(config, file.config());
  }
}
