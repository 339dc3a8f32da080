package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.models.encoder.VitConfig;
import io.atelier.models.encoder.VitEncoder;
import io.atelier.models.encoder.VitFile;
import io.atelier.models.encoder.VitLayout;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DINOv2 with and without registers, read from the files of three programs. */
@Tag("golden")
class DinoGoldenTest {

  private static final double BOUND = 5e-5;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "plain,facebook,FACEBOOK",
    "plain,timm,FACEBOOK", // the same names: nothing tells them apart without registers
    "plain,transformers,TRANSFORMERS",
    "registers,facebook,FACEBOOK",
    "registers,timm,TIMM",
    "registers,transformers,TRANSFORMERS"
  })
  void shouldGiveTheTokensOfTheReference(String model, String file, VitLayout layout) {
    JsonNode spec = Golden.json("dino", model, "case.json");
    SafetensorsWeights weights =
        new SafetensorsWeights(Golden.tensors("dino", model, file + ".safetensors"));
    assertEquals(Optional.of(layout), VitLayout.of(weights));
    var config = layout.infer(weights, Optional.of(spec.get("heads").asInt()));
    assertEquals(spec.get("registers").asInt(), config.registers());
    assertEquals(spec.get("depth").asInt(), config.depth());
    assertEquals(spec.get("size").asInt(), config.pixels());
    EncoderConfig settings = new EncoderConfig(config.pixels(), Filter.BICUBIC, 1, 4);
    try (VitEncoder encoder = new VitEncoder("dino", config, weights, settings)) {
      check(spec, Golden.tensors("dino", model, "expected.safetensors"), encoder);
    }
  }

  /** Against hidden_states of transformers 4.57.1: channels 0, 17 and 47 of places of images. */
  @Test
  void shouldGiveWhatComesOutOfABlock() {
    SafetensorsWeights weights =
        new SafetensorsWeights(Golden.tensors("dino", "plain", "transformers.safetensors"));
    VitConfig config = VitLayout.TRANSFORMERS.infer(weights, Optional.of(3));
    Images images = GoldenImages.read(Golden.tensors("dino", "plain", "expected.safetensors"));
    EncoderConfig settings =
        new EncoderConfig(config.pixels(), Filter.BICUBIC, 1, 4, List.of(0, 2));
    try (VitEncoder encoder = new VitEncoder("dino", config, weights, settings)) {
      assertEquals(List.of("patches", "block0", "block2"), encoder.maps());
      Map<String, Feature> features = encoder.encode(images);
      assertEquals(Set.of("cls", "patches", "block0", "block2"), features.keySet());
      checkBlock(features.get("block0"), 0, 0, 1.311154f, -0.285126f, 0.450548f);
      checkBlock(features.get("block0"), 0, 5, -0.924063f, -0.748985f, -0.512109f);
      checkBlock(features.get("block0"), 1, 15, -0.6421f, -0.669055f, 0.131049f);
      checkBlock(features.get("block2"), 0, 0, 1.021108f, -0.930103f, 0.659801f);
      checkBlock(features.get("block2"), 0, 5, -1.1661f, -1.613419f, -0.215052f);
      checkBlock(features.get("block2"), 1, 15, -0.781641f, -0.932438f, -0.693497f);
    }
    EncoderConfig deeper = new EncoderConfig(config.pixels(), Filter.BICUBIC, 1, 4, List.of(3));
    assertEquals(
        "dino: there is no block3; it has block0 to block2",
        assertThrows(
                IllegalArgumentException.class,
                () -> new VitEncoder("dino", config, weights, deeper))
            .getMessage());
  }

  private static void checkBlock(Feature block, int image, int place, float... expected) {
    assertArrayEquals(new long[] {6, 48, 4, 4}, block.shape());
    int[] channels = {0, 17, 47};
    for (int i = 0; i < channels.length; i++) {
      float actual = block.values()[(image * 48 + channels[i]) * 16 + place];
      assertEquals(expected[i], actual, BOUND, "channel " + channels[i] + " of place " + place);
    }
  }

  @ParameterizedTest
  @CsvSource({"plain,dinov2", "registers,dinov2_with_registers"})
  void shouldReadAFolderOfTransformers(String model, String type) throws IOException {
    JsonNode spec = Golden.json("dino", model, "case.json");
    Files.copy(
        Golden.path("dino", model, "transformers.safetensors"),
        folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["Dinov2Model"], "model_type": "%s", "hidden_act": "gelu",
         "hidden_size": %d, "image_size": %d, "layer_norm_eps": 1e-06, "layerscale_value": 1.0,
         "mlp_ratio": 4, "num_attention_heads": %d, "num_channels": 3, "num_hidden_layers": %d,
         "num_register_tokens": %d, "patch_size": %d, "qkv_bias": true, "use_swiglu_ffn": false}
        """
            .formatted(
                type,
                spec.get("width").asInt(),
                spec.get("size").asInt(),
                spec.get("heads").asInt(),
                spec.get("depth").asInt(),
                spec.get("registers").asInt(),
                spec.get("patch").asInt()));
    VitFile file = VitFile.open(folder);
    file.requireFinite();
    EncoderConfig settings = new EncoderConfig(file.config().pixels(), Filter.BICUBIC, 1, 4);
    try (VitEncoder encoder = new VitEncoder("dino", file.config(), file.weights(), settings)) {
      check(spec, Golden.tensors("dino", model, "expected.safetensors"), encoder);
    }
  }

  /** Class token, then registers, then patches row by row. */
  private static void check(JsonNode spec, SafetensorsFile expected, VitEncoder encoder) {
    Images images = GoldenImages.read(expected);
    Map<String, Feature> features = encoder.encode(images);
    long[] shape = expected.info("tokens").shape();
    int width = (int) shape[2];
    int first = 1 + spec.get("registers").asInt();
    int places = (int) shape[1] - first;
    int side = (int) Math.sqrt(places);
    assertArrayEquals(new long[] {shape[0], width}, features.get("cls").shape());
    assertArrayEquals(new long[] {shape[0], width, side, side}, features.get("patches").shape());
    float[] tokens = expected.floats("tokens");
    float[] cls = new float[images.count() * width];
    float[] patches = new float[images.count() * width * places];
    for (int n = 0; n < images.count(); n++) {
      int at = n * (first + places) * width;
      System.arraycopy(tokens, at, cls, n * width, width);
      for (int i = 0; i < places * width; i++) {
        patches[(n * width + i % width) * places + i / width] = tokens[at + first * width + i];
      }
    }
    Golden.assertClose("cls", cls, features.get("cls").values(), BOUND);
    Golden.assertClose("patches", patches, features.get("patches").values(), BOUND);
  }
}
