package io.atelier.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.atelier.models.encoder.Clip;
import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.ClipTail;
import io.atelier.models.encoder.ClipTextSide;
import io.atelier.models.encoder.ClipTrunk;
import io.atelier.models.optim.Adam;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.safetensors.SafetensorsFile;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Parameters;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.reward.adversarial.CriticLoss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The last layers of a CLIP as they learn from pairs of images, read from files of two programs.
 */
@Tag("golden")
class ClipTailGoldenTest {

  private static final int PAIRS = 3;
  private static final double RATE = 5e-6;

  @TempDir Path folder;

  private final SafetensorsFile expected = Golden.tensors("clip", "expected.safetensors");

  /** A network cut in two, and images and texts of the reference on their way through it. */
  private final class Cut implements AutoCloseable {
    private final ClipFolder files;
    private final ClipTail tail;
    private final Tensor better;
    private final Tensor worse;
    private final float[][] texts = new float[PAIRS][];

    Cut(String program, int layers) throws IOException {
      this(ClipFolder.open(GoldenClip.write(folder, program)), layers);
    }

    Cut(ClipFolder files, int layers) throws IOException {
      this.files = files;
      tail = new ClipTail(files, layers, 2);
      Images images = GoldenImages.read(expected);
      try (ClipTrunk trunk = new ClipTrunk(files, layers, 2);
          ClipTextSide side = new ClipTextSide(files)) {
        better = trunk.tokens(images.slice(0, PAIRS));
        worse = trunk.tokens(images.slice(PAIRS, 2 * PAIRS));
        for (int i = 0; i < PAIRS; i++) {
          texts[i] = side.unit(Golden.json("clip", "case.json").get("prompts").get(i).asText());
        }
      }
    }

    float[] logits(Tensor tokens) {
      float[] logits = new float[PAIRS];
      for (int i = 0; i < PAIRS; i++) {
        logits[i] = (float) (tail.scale() * tail.cosines(one(tokens, i), texts[i])[0]);
      }
      return logits;
    }

    /** Gradients of the mean loss of all pairs. */
    NamedTensors gradients(float[] better, float[] worse) {
      for (int i = 0; i < PAIRS; i++) {
        double each = tail.scale() / PAIRS;
        double reference = CriticLoss.LOGISTIC.referenceSlope(better[i], worse[i]);
        double generated = CriticLoss.LOGISTIC.generatedSlope(better[i], worse[i]);
        tail.backward(one(this.better, i), texts[i], new float[] {(float) (each * reference)});
        tail.backward(one(this.worse, i), texts[i], new float[] {(float) (each * generated)});
      }
      NamedTensors gradients = tail.trained().gradients();
      tail.trained().clearGradients();
      return gradients;
    }

    @Override
    public void close() {
      tail.close();
    }
  }

  private static Tensor one(Tensor tokens, int index) {
    int stride = tokens.values().length / (int) tokens.shape()[0];
    return new Tensor(
        new long[] {1, tokens.shape()[1], tokens.shape()[2]},
        Arrays.copyOfRange(tokens.values(), index * stride, (index + 1) * stride));
  }

  @ParameterizedTest
  @CsvSource({"transformers,1", "transformers,2", "open_clip,1", "open_clip,2"})
  void shouldLearnAsTheReferenceDoes(String program, int layers) throws IOException {
    try (Cut cut = new Cut(program, layers)) {
      Adam adam = new Adam(AdamConfig.discriminator(RATE), cut.tail.weights());
      for (int step = 0; step < 2; step++) {
        String at = "last%d.%d.".formatted(layers, step);
        float[] better = cut.logits(cut.better);
        float[] worse = cut.logits(cut.worse);
        Golden.assertClose(at + "better", expected.floats(at + "better"), better, 5e-5);
        Golden.assertClose(at + "worse", expected.floats(at + "worse"), worse, 5e-5);
        double loss = 0;
        for (int i = 0; i < PAIRS; i++) {
          loss += CriticLoss.LOGISTIC.of(better[i], worse[i]) / PAIRS;
        }
        assertEquals(Golden.scalar(expected, at + "loss"), loss, 2e-5, at + "loss");
        NamedTensors gradients = cut.gradients(better, worse);
        if (step == 0) {
          compare(at + "grad.", program, gradients, true);
        }
        SortedMap<String, float[]> weights = values(cut.tail.weights());
        adam.step(weights, values(gradients));
        cut.tail.load(with(cut.tail.weights(), weights));
      }
      compare("last%d.1.weight.".formatted(layers), program, cut.tail.weights(), false);
    }
  }

  /** Without learning, the two parts are the whole. */
  @ParameterizedTest
  @CsvSource({"transformers,1", "open_clip,3", "transformers,4"})
  void shouldGiveTheCosinesOfTheWhole(String program, int layers) throws IOException {
    try (Cut cut = new Cut(program, layers);
        Clip clip = new Clip(cut.files, 1)) {
      float[] vectors = clip.images(GoldenImages.read(expected).slice(0, PAIRS));
      for (int i = 0; i < PAIRS; i++) {
        double product = 0;
        double square = 0;
        for (int c = 0; c < clip.width(); c++) {
          float value = vectors[i * clip.width() + c];
          product += value * cut.texts[i][c];
          square += value * value;
        }
        float cosine = cut.tail.cosines(one(cut.better, i), cut.texts[i])[0];
        assertEquals(product / Math.sqrt(square), cosine, 1e-6);
        assertEquals(cosine, cut.tail.cosines(cut.better, cut.texts[i])[i], "among others");
      }
    }
  }

  @Test
  void shouldRefuseLayersAndWeightsThatItHasNot() throws IOException {
    try (Cut cut = new Cut("transformers", 2)) {
      for (int layers : new int[] {0, 5}) {
        String message =
            assertThrows(IllegalArgumentException.class, () -> new ClipTail(cut.files, layers, 1))
                .getMessage();
        assertTrue(
            message.startsWith("trained-layers is %d, must be 1 to 4".formatted(layers)), message);
        assertThrows(IllegalArgumentException.class, () -> new ClipTrunk(cut.files, layers, 1));
      }
      Map<String, Tensor> half = new TreeMap<>(cut.tail.weights().asMap());
      half.keySet().removeIf(name -> name.contains("layers.2."));
      NamedTensors before = cut.tail.weights();
      assertThrows(IllegalArgumentException.class, () -> cut.tail.load(new NamedTensors(half)));
      assertEquals(before.contentHash(), cut.tail.weights().contentHash());
    }
  }

  /** A process has the frozen weights of a CLIP once; what learns is apart from them. */
  @ParameterizedTest
  @CsvSource({"transformers", "open_clip"})
  void shouldShareWhatIsFrozenAndLearnApart(String program) throws IOException {
    ClipFolder files = ClipFolder.open(GoldenClip.write(folder, program));
    Images images = GoldenImages.read(expected).slice(0, 1);
    Parameters held;
    try (ClipTrunk trunk = new ClipTrunk(files, 2, 1)) {
      held = shared(files);
      assertSame(held, shared(files), "the trunk keeps them");
      String before = held.export().contentHash();
      float[] tokens = trunk.tokens(images).values();
      try (Cut cut = new Cut(files, 2)) {
        cut.gradients(cut.logits(cut.better), cut.logits(cut.worse));
        String start = cut.tail.weights().contentHash();
        SortedMap<String, float[]> moved = values(cut.tail.weights());
        moved.values().forEach(array -> array[0] += 1);
        cut.tail.load(with(cut.tail.weights(), moved));
        assertNotEquals(start, cut.tail.weights().contentHash());
        assertEquals(before, shared(files).export().contentHash());
        assertArrayEquals(tokens, trunk.tokens(images).values());
      }
    }
    try (ClipTail tail = new ClipTail(files, 1, 1)) {
      assertNotSame(held, shared(files), "the last user freed them");
      assertSame(shared(files), shared(files), "the tail keeps them");
      assertTrue(tail.scale() > 0);
    }
  }

  /** The weights of a whole image side, as long as somebody else keeps them. */
  private static Parameters shared(ClipFolder files) {
    try (NDManager scope = Torch.newScope()) {
      return files.vision().load(scope, files.vision().config().pixels()).weights();
    }
  }

  private static SortedMap<String, float[]> values(NamedTensors tensors) {
    SortedMap<String, float[]> values = new TreeMap<>();
    tensors.asMap().forEach((name, tensor) -> values.put(name, tensor.values()));
    return values;
  }

  private static NamedTensors with(NamedTensors shapes, Map<String, float[]> values) {
    Map<String, Tensor> tensors = new TreeMap<>();
    values.forEach((name, array) -> tensors.put(name, new Tensor(shapes.get(name).shape(), array)));
    return new NamedTensors(tensors);
  }

  /**
   * Holds tensors against those of the file, whose names are transformers'. The true gradient of a
   * key's bias is zero: what both have there is rounding.
   */
  private void compare(String prefix, String program, NamedTensors actual, boolean gradients) {
    int compared = 0;
    for (String name : expected.names()) {
      if (!name.startsWith(prefix)) {
        continue;
      }
      float[] values = expected.floats(name);
      float[] own = own(program, name.substring(prefix.length()), actual);
      boolean keyBias = name.endsWith("k_proj.bias");
      if (gradients && keyBias) {
        Golden.assertClose(name, values, own, 1e-6);
      } else if (gradients) {
        Golden.assertCloseRelative(name, values, own, 1e-4);
      } else {
        Golden.assertClose(name, values, own, keyBias ? 4 * RATE : 1e-6 + 0.02 * RATE);
      }
      compared++;
    }
    assertEquals(program.equals("open_clip") ? compared * 3 / 4 : compared, actual.names().size());
    assertTrue(compared > 0, prefix);
  }

  private static float[] own(String program, String name, NamedTensors tensors) {
    if (program.equals("transformers")) {
      return tensors.get(name).values();
    }
    String[] words = name.split("\\.");
    String block = "visual.transformer.resblocks." + words[3] + ".";
    String kind = words[words.length - 1];
    String map = words[words.length - 2];
    int third = List.of("q_proj", "k_proj", "v_proj").indexOf(map);
    if (third >= 0) {
      float[] all = tensors.get(block + "attn.in_proj_" + kind).values();
      return Arrays.copyOfRange(all, third * all.length / 3, (third + 1) * all.length / 3);
    }
    String theirs =
        Map.of(
                "layer_norm1", "ln_1",
                "layer_norm2", "ln_2",
                "out_proj", "attn.out_proj",
                "fc1", "mlp.c_fc",
                "fc2", "mlp.c_proj")
            .get(map);
    return tensors.get(block + theirs + "." + kind).values();
  }
}
