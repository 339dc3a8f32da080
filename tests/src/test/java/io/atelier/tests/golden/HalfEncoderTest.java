package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.VitEncoder;
import io.atelier.models.encoder.VitFile;
import io.atelier.models.encoder.VitLayout;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.safetensors.SafetensorsWriter;
import io.atelier.models.tensor.SafetensorsWeights;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder.Feature;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Encoders in half precision, whose matrices stay as their files have them, compute to the bit what
 * they compute with the same numbers in float32.
 */
@Tag("golden")
class HalfEncoderTest {

  private static final long ALL = 0;
  private static final long NONE = Long.MAX_VALUE;

  @TempDir Path folder;

  private static void halve(Path from, DType type, Path to) {
    SafetensorsFile source = SafetensorsFile.open(from);
    SafetensorsWriter writer = new SafetensorsWriter();
    source
        .names()
        .forEach(name -> writer.add(name, type, source.info(name).shape(), source.floats(name)));
    writer.write(to);
  }

  /** Else two networks in float32 would be compared. */
  private static VitFile requireStored(VitFile file, long from) {
    try (NDManager scope = Torch.newScope()) {
      boolean packed =
          Torch.withGradients(
              false, () -> file.load(scope, file.config().pixels()).weights().isPacked());
      assertEquals(from == ALL, packed);
    }
    return file;
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void shouldEncodeByADinoOfTheSameNumbers(DType type) {
    Path file = folder.resolve("half.safetensors");
    halve(Golden.path("dino", "registers", "transformers.safetensors"), type, file);
    Images images = GoldenImages.read(Golden.tensors("dino", "registers", "expected.safetensors"));
    Map<String, Feature> floats = dino(file, NONE, images);
    Map<String, Feature> packed = dino(file, ALL, images);
    for (String output : floats.keySet()) {
      assertArrayEquals(floats.get(output).values(), packed.get(output).values(), output);
    }
  }

  private static Map<String, Feature> dino(Path file, long storedFrom, Images images) {
    SafetensorsWeights weights = new SafetensorsWeights(SafetensorsFile.open(file), storedFrom);
    VitLayout layout = VitLayout.of(weights).orElseThrow();
    int heads = Golden.json("dino", "registers", "case.json").get("heads").asInt();
    var config = layout.infer(weights, Optional.of(heads));
    EncoderConfig settings = new EncoderConfig(config.pixels(), Filter.BICUBIC, 1, 1);
    VitFile stored = requireStored(new VitFile(weights, config, new TreeMap<>()), storedFrom);
    try (VitEncoder encoder = new VitEncoder("half", stored, settings)) {
      return encoder.encode(images);
    }
  }

  @ParameterizedTest
  @CsvSource({"siglip,BF16", "siglip,F16", "dinov3/transformers,BF16", "dinov3/transformers,F16"})
  void shouldEncodeByOtherFamiliesOfTheSameNumbers(String model, DType type) throws IOException {
    Path golden = Golden.path(model);
    Files.copy(golden.resolve("config.json"), folder.resolve("config.json"));
    halve(golden.resolve("model.safetensors"), type, folder.resolve("model.safetensors"));
    Images images = GoldenImages.read(Golden.tensors(model.split("/")[0], "expected.safetensors"));
    Map<String, Feature> floats = encoded(NONE, images);
    Map<String, Feature> packed = encoded(ALL, images);
    for (String output : floats.keySet()) {
      assertArrayEquals(floats.get(output).values(), packed.get(output).values(), output);
    }
  }

  private Map<String, Feature> encoded(long storedFrom, Images images) {
    VitFile file = VitFile.open(folder);
    SafetensorsWeights weights = new SafetensorsWeights(file.weights().tensors(), storedFrom);
    VitFile stored = requireStored(new VitFile(weights, file.config(), file.files()), storedFrom);
    EncoderConfig settings = new EncoderConfig(file.config().pixels(), Filter.BICUBIC, 1, 1);
    try (VitEncoder encoder = new VitEncoder("half", stored, settings)) {
      return encoder.encode(images);
    }
  }

  @ParameterizedTest
  @CsvSource({"transformers,BF16", "transformers,F16", "open_clip,BF16", "open_clip,F16"})
  void shouldScoreByAClipOfTheSameNumbers(String program, DType type) throws IOException {
    ClipFolder whole = ClipFolder.open(GoldenClip.write(folder.resolve("clip"), program));
    Path file = folder.resolve("half.safetensors");
    halve(Golden.path("clip", program + ".safetensors"), type, file);
    Images images = GoldenImages.read(Golden.tensors("clip", "expected.safetensors"));
    try (Clip floats = new Clip(stored(whole, file, NONE), 1);
        Clip packed = new Clip(stored(whole, file, ALL), 1)) {
      assertArrayEquals(floats.images(images), packed.images(images), "images");
      assertArrayEquals(floats.text("a red fox"), packed.text("a red fox"), "text");
      assertTrue(floats.width() > 1);
    }
  }

  /** The same CLIP with the weights of {@code file}. */
  private static ClipFolder stored(ClipFolder clip, Path file, long storedFrom) {
    VitFile vision = clip.vision();
    SafetensorsWeights weights = new SafetensorsWeights(SafetensorsFile.open(file), storedFrom);
    return new ClipFolder(
        requireStored(new VitFile(weights, vision.config(), vision.files()), storedFrom),
        clip.text(),
        clip.tokenizer(),
        clip.files());
  }
}
