package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Autograd;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadTest {

  private static final int WIDTH = 37;
  private static final int HIDDEN = 24;
  private static final int CONDITION = 5;
  private static final SortedMap<String, Integer> WIDTHS = new TreeMap<>(Map.of("p", WIDTH));

  private final RandomStream random = new GroupNoise(7).stream(Purpose.CRITIC_START, 0);

  @Test
  void shouldGiveTheLogitWorkedOutByHand() {
    TreeMap<String, Tensor> tensors = new TreeMap<>();
    tensors.put("p.weight", new Tensor(new long[] {2, 3}, new float[] {1, 0, 0, 0, 1, 1}));
    tensors.put("p.bias", new Tensor(new long[] {2}, new float[] {0, -1}));
    tensors.put("out.weight", new Tensor(new long[] {1, 2}, new float[] {2, -1}));
    tensors.put("out.bias", new Tensor(new long[] {1}, new float[] {0.5f}));
    tensors.put("condition.weight", new Tensor(new long[] {2, 1}, new float[] {0, 3}));
    try (Head head =
        Head.of(new NamedTensors(tensors), new TreeMap<>(Map.of("p", 3)), true, List.of())) {
      float[] x = {1, 2, 0};
      // z = (1, 1), h = 0.8413447; 0.5 + 2 h + (-1 + 3) h.
      float[][] e = {{1}};
      assertEquals(
          0.5 + 4 * 0.8413447, head.logits(new Head.Input("p", Head.OUT, 1, x, e), 1)[0], 1e-6);
      Head.Input without = new Head.Input("p", Head.OUT, 1, x, new float[0][]);
      assertEquals(0.5 + 0.8413447, head.logits(without, 1)[0], 1e-6);
    }
  }

  /** Few rows and many go through different libraries. */
  @ParameterizedTest(name = "{0} rows, condition {1}, references {2}")
  @CsvSource({"11, true, true", "200, true, false", "11, false, false", "200, false, true"})
  void shouldGiveTheLogitsAndGradientsOfTheJavaHead(int rows, boolean conditional, boolean real) {
    NamedTensors weights = weights();
    float[][] e = new float[conditional ? rows : 0][];
    for (int n = 0; n < e.length; n++) {
      e[n] = n % 3 == 0 ? random.normals(CONDITION) : e[n - 1];
    }
    float[] x = random.normals(rows * WIDTH);
    JavaHead plain = new JavaHead(weights);
    int sign = real ? 1 : -1;
    SortedMap<String, float[]> expected = plain.zeros();
    float[] logits = plain.addHinge(new JavaHead.Input("p", rows, x, e), sign, 0.25, expected);
    try (Head head = Head.of(weights, WIDTHS, true, List.of())) {
      head.weights().train();
      NamedTensors gradients = hinge(head, new Head.Input("p", Head.OUT, rows, x, e), logits, sign);
      expected.forEach(
          (name, gradient) -> {
            double largest = 0;
            for (float g : gradient) {
              largest = Math.max(largest, Math.abs(g));
            }
            assertTrue(largest > 0 || name.startsWith("condition") && !conditional, name);
            assertArrayEquals(
                gradient, gradients.get(name).values(), (float) (2e-5 * largest), name);
          });
    }
  }

  private static NamedTensors hinge(Head head, Head.Input input, float[] expected, int sign) {
    return Torch.withGradients(
        true,
        () -> {
          try (NDManager work = head.newScope()) {
            NDArray logits = head.logits(work, input);
            float[] values = Host.floats(logits);
            assertArrayEquals(expected, values, 2e-4f);
            float[] slopes = new float[values.length];
            for (int i = 0; i < slopes.length; i++) {
              slopes[i] = 1 - sign * expected[i] > 0 ? -sign * 0.25f : 0;
            }
            Autograd.backward(logits, Host.toNative(work, slopes, slopes.length));
          }
          return head.weights().gradients();
        });
  }

  /** Normals in place of a fresh head's weights. */
  static NamedTensors weights(
      SortedMap<String, Integer> widths, int hidden, int condition, RandomStream random) {
    try (Head head = Head.create(widths, hidden, condition, List.of(), random)) {
      NamedTensors weights = head.weights().export();
      weights.asMap().values().forEach(t -> random.fillNormal(t.values(), 0, t.values().length));
      return weights;
    }
  }

  private NamedTensors weights() {
    return weights(WIDTHS, HIDDEN, CONDITION, random);
  }

  /** A score is not to depend on who computes it, nor on what is scored beside it. */
  @ParameterizedTest(name = "{0} rows at a time, condition {1}")
  @CsvSource({"1, false", "1, true", "16, false", "64, false"})
  void shouldGiveTheSameBitsHoweverRowsAreSplit(int together, boolean conditional) {
    NamedTensors weights = weights();
    int images = 6;
    int rows = images * together;
    float[][] e = new float[conditional ? rows : 0][];
    for (int n = 0; n < e.length; n++) {
      e[n] = random.normals(CONDITION);
    }
    Head.Input all = new Head.Input("p", Head.OUT, rows, random.normals(rows * WIDTH), e);
    try (Head one = Head.of(weights, WIDTHS, true, List.of());
        Head other = Head.of(weights, WIDTHS, true, List.of())) {
      float[] whole = one.logits(all, together);
      for (int n = 0; n < images; n++) {
        float[] alone = other.logits(all.part(n * together, (n + 1) * together), together);
        for (int i = 0; i < together; i++) {
          assertEquals(whole[n * together + i], alone[i], "row " + i + " of image " + n);
        }
      }
    }
  }

  @Test
  void shouldRefuseWeightsOfAnotherShape() {
    NamedTensors weights = weights();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Head.of(weights, new TreeMap<>(Map.of("p", WIDTH + 1)), true, List.of()))
            .getMessage();
    assertTrue(message.startsWith("critic tensor \"p.weight\" has shape [24, 37]"), message);
  }

  @Test
  void shouldStartWithinTheBoundsOfTheFanIn() {
    try (Head head =
        Head.create(new TreeMap<>(Map.of("a", 100, "b", 4)), 50, 3, List.of(), random)) {
      NamedTensors weights = head.weights().export();
      check(weights, "a.weight", 0.1);
      check(weights, "a.bias", 0.1);
      check(weights, "b.weight", 0.5);
      check(weights, "out.weight", 1 / Math.sqrt(50));
      check(weights, "condition.weight", 0);
    }
  }

  private static void check(NamedTensors weights, String name, double bound) {
    double largest = 0;
    for (float w : weights.get(name).values()) {
      largest = Math.max(largest, Math.abs(w));
    }
    assertTrue(largest <= bound && largest >= 0.9 * bound, name + " reaches " + largest);
  }
}
