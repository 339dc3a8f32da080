package io.atelier.reward.preference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.reward.metrics.FeatureMatrix;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import io.atelier.rollout.noise.RandomStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class PairHeadTest {

  private static final Pair PAIR = new Pair(0, 1);

  /** Two images whose scaled difference is (1, -1). */
  private static final FeatureMatrix IMAGES = new FeatureMatrix(2, 2, new float[] {1, 2, 0, 4});

  private static PairHead head(float[] scale, float[] label, float[] use, float[] criteria) {
    return new PairHead(
        new NamedTensors(
            Map.of(
                "scale", new Tensor(new long[] {scale.length}, scale),
                "label.weight", new Tensor(new long[] {label.length}, label),
                "label.criteria", new Tensor(new long[] {use.length}, use),
                "criteria.weight", new Tensor(new long[] {use.length, scale.length}, criteria))));
  }

  /** v = (.3, -.2), w = (.4, .1), u = .5. */
  private static PairHead byHand() {
    return head(
        new float[] {1, 0.5f},
        new float[] {0.3f, -0.2f},
        new float[] {0.5f},
        new float[] {0.4f, 0.1f});
  }

  private static Map<String, double[]> zeros(PairHead head) {
    Map<String, double[]> zeros = new HashMap<>();
    head.trained().forEach((name, values) -> zeros.put(name, new double[values.length]));
    return zeros;
  }

  /** c = .4 - .1 = .3, z = .5 + .5 tanh(.15) = .5 + .5 * .148885, sigmoid(.574443). */
  @Test
  void shouldPredictVerdictsAndThenTheLabel() {
    PairHead.Opinion opinion = byHand().opinion(IMAGES, PAIR);
    assertEquals(0.3, opinion.criteria()[0], 1e-6);
    assertEquals(0.574443, opinion.logit(), 1e-6);
    assertEquals(0.639788, opinion.firstBetter(), 1e-6);
  }

  /** softplus(-.574443) + softplus(.3), as the verdict is against c = .3; and one without one. */
  @Test
  void shouldHaveTheLossAndGradientWorkedOutByHand() {
    PairHead head = byHand();
    Map<String, double[]> sum = zeros(head);
    float[] d = head.difference(IMAGES, PAIR);
    assertArrayEquals(new float[] {1, -1}, d);
    assertEquals(1.300974, head.loss(d, new Preference(PAIR, 1, List.of(-1)), sum), 1e-6);
    assertArrayEquals(new double[] {-0.360212, 0.360212}, sum.get("label.weight"), 1e-6);
    assertArrayEquals(new double[] {-0.053630}, sum.get("label.criteria"), 1e-6);
    assertArrayEquals(new double[] {0.486386, -0.486386}, sum.get("criteria.weight"), 1e-6);

    sum = zeros(head);
    assertEquals(1.021062, head.loss(d, new Preference(PAIR, -1, List.of(0)), sum), 1e-6);
    assertArrayEquals(new double[] {0.639788, -0.639788}, sum.get("label.weight"), 1e-6);
    assertArrayEquals(new double[] {0.095255}, sum.get("label.criteria"), 1e-6);
    assertArrayEquals(new double[] {0.156401, -0.156401}, sum.get("criteria.weight"), 1e-6);
  }

  @Test
  void shouldHaveTheGradientOfFiniteDifferences() {
    RandomStream random = new GroupNoise(4).stream(Purpose.CRITIC_START, 0);
    PairHead head = random(random, 7, 3);
    float[] d = random.normals(7);
    Preference said = new Preference(PAIR, -1, List.of(1, 0, -1));
    Map<String, double[]> gradient = zeros(head);
    head.loss(d, said, gradient);
    int checked = 0;
    for (String name : gradient.keySet()) {
      for (int i = 0; i < gradient.get(name).length; i++) {
        double expected = slope(head, d, said, name, i);
        assertEquals(expected, gradient.get(name)[i], 1e-4 * (1 + Math.abs(expected)), name + i);
        checked++;
      }
    }
    assertEquals(7 + 3 + 21, checked);
  }

  private static PairHead random(RandomStream random, int width, int criteria) {
    float[] scale = new float[width];
    for (int i = 0; i < width; i++) {
      scale[i] = (float) (0.5 + random.nextUniform());
    }
    return head(
        scale, random.normals(width), random.normals(criteria), random.normals(width * criteria));
  }

  private static double slope(PairHead head, float[] d, Preference said, String name, int i) {
    float step = 0x1p-10f;
    double[] loss = new double[2];
    double between = 0;
    for (int side = 0; side < 2; side++) {
      SortedMap<String, float[]> weights = head.trained();
      weights.get(name)[i] += side == 0 ? -step : step;
      between += (side == 0 ? -1 : 1) * (double) weights.get(name)[i];
      PairHead moved = head.with(weights);
      loss[side] = moved.loss(d, said, zeros(moved));
    }
    return (loss[1] - loss[0]) / between;
  }

  /** In all bits, also where a probability rounds to 1. */
  @Test
  void shouldBeOneWithTheOrderReversed() {
    RandomStream random = new GroupNoise(5).stream(Purpose.CRITIC_START, 0);
    int sure = 0;
    for (int trial = 1; trial < 500; trial++) {
      PairHead head = random(random, 50, 3);
      float[] values = random.normals(100);
      for (int i = 0; i < values.length; i++) {
        values[i] *= trial;
      }
      FeatureMatrix images = new FeatureMatrix(2, 50, values);
      PairHead.Opinion ab = head.opinion(images, new Pair(0, 1));
      PairHead.Opinion ba = head.opinion(images, new Pair(1, 0));
      assertEquals(1.0, ab.firstBetter() + ba.firstBetter());
      assertEquals(1 - ab.firstBetter(), ba.firstBetter());
      assertEquals(ab.logit(), -ba.logit());
      for (int k = 0; k < 3; k++) {
        assertEquals(ab.criteria()[k], -ba.criteria()[k]);
      }
      sure += ab.firstBetter() == 1 || ab.firstBetter() == 0 ? 1 : 0;
    }
    assertTrue(sure > 0 && sure < 499, "both kinds are among them: " + sure);
    assertEquals(0.5, PairHead.probability(0));
    assertEquals(0.5, PairHead.probability(-0.0));
  }

  /** Differences (3, 0) and (-4, 0): 1 / sqrt((9 + 16) / 2). The second never differs. */
  @Test
  void shouldScaleByTheLabelledDifferences() {
    FeatureMatrix images = new FeatureMatrix(3, 2, new float[] {3, 1, 0, 1, 4, 1});
    List<Preference> pairs =
        List.of(
            new Preference(new Pair(0, 1), 1, List.of(0, 0)),
            new Preference(new Pair(1, 2), 1, List.of(0, 0)));
    PairHead head = PairHead.untrained(images, pairs, 2);
    assertArrayEquals(new float[] {0.282843f, 0}, head.weights().get("scale").values(), 1e-6f);
    assertEquals(0.5, head.opinion(images, new Pair(0, 2)).firstBetter(), "it says nothing yet");
    FeatureMatrix far = new FeatureMatrix(2, 2, new float[] {1000, 7, 0, 5});
    assertArrayEquals(new float[] {10, 0}, head.difference(far, PAIR), "cut, and no scale");
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> head(new float[2], new float[3], new float[1], new float[2]))
            .getMessage();
    assertTrue(message.contains("\"label.weight\" has 3 values where 2 are needed"), message);
    FeatureMatrix wide = new FeatureMatrix(2, 3, new float[6]);
    message =
        assertThrows(IllegalArgumentException.class, () -> byHand().opinion(wide, PAIR))
            .getMessage();
    assertTrue(message.contains("the head sees 2 features, and images have 3"), message);
    assertThrows(IllegalArgumentException.class, () -> new Pair(1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Preference(PAIR, 0, List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Preference(PAIR, 1, List.of(2)));
  }
}
