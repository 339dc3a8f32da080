package io.atelier.models.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptimTest {

  private static NamedTensors one(float... values) {
    return new NamedTensors(Map.of("w", new Tensor(new long[] {values.length}, values)));
  }

  @Test
  void shouldStepByTheRateAtFirst() {
    float[] w = {1, 1};
    new Adam(new AdamConfig(0.125, 0.9, 0.999, 1e-12, 0), one(w))
        .step(Map.of("w", w), Map.of("w", new float[] {3, -5}));

    // The moments' corrections cancel at the first update: a step of lr against the sign.
    assertArrayEquals(new float[] {0.875f, 1.125f}, w, 1e-7f);
  }

  @Test
  void shouldDecayWeightsWithoutGradient() {
    float[] w = {2};
    new Adam(new AdamConfig(0.1, 0.9, 0.999, 1e-8, 0.5), one(w))
        .step(Map.of("w", w), Map.of("w", new float[1]));

    assertEquals(2 * 0.95f, w[0], 1e-7f);
  }

  @Test
  void shouldGoOnWithTheSameBitsFromASavedState() {
    float[] straight = {0.5f, -2, 1};
    float[] resumed = straight.clone();
    Adam a = new Adam(AdamConfig.adamW(3e-3), one(straight));
    Adam b = new Adam(AdamConfig.adamW(3e-3), one(resumed));
    for (int n = 0; n < 6; n++) {
      float[] gradient = {n - 2, 0.3f * n, -1f / (n + 1)};
      a.step(Map.of("w", straight), Map.of("w", gradient.clone()));
      if (n == 3) {
        NamedTensors saved = b.state();
        b = new Adam(AdamConfig.adamW(3e-3), one(resumed));
        b.restore(saved);
      }
      b.step(Map.of("w", resumed), Map.of("w", gradient.clone()));
    }
    assertArrayEquals(straight, resumed);
    assertEquals(a.state().contentHash(), b.state().contentHash());
  }

  @Test
  void shouldRefuseOtherNamesAndShapes() {
    Adam adam = new Adam(AdamConfig.adamW(1e-3), one(1));
    float[] v = {1};
    assertThrows(IllegalArgumentException.class, () -> adam.step(Map.of("x", v), Map.of("x", v)));
    NamedTensors longer = new Adam(AdamConfig.adamW(1e-3), one(1, 2)).state();
    var error = assertThrows(IllegalArgumentException.class, () -> adam.restore(longer));
    assertTrue(error.getMessage().contains("first.w"));
    assertThrows(IllegalArgumentException.class, () -> AdamConfig.adamW(0));
    assertThrows(IllegalArgumentException.class, () -> AdamConfig.adamW(Double.NaN));
  }

  @Test
  void shouldClipAllGradientsTogetherAboveTheLimitOnly() {
    Map<String, float[]> gradients = Map.of("a", new float[] {3}, "b", new float[] {0, 4});

    assertEquals(5, GradientClip.clip(gradients, 5.1));
    assertEquals(3, gradients.get("a")[0]);
    assertEquals(5, GradientClip.clip(gradients, 1));
    assertEquals(0.6, gradients.get("a")[0], 1e-6);
    assertEquals(0.8, gradients.get("b")[1], 1e-6);
  }

  @Test
  void shouldNameTheTensorWhoseGradientIsNotFinite() {
    Map<String, float[]> gradients =
        Map.of("fine", new float[1], "bad", new float[] {1, Float.NaN});

    var error = assertThrows(ArithmeticException.class, () -> GradientClip.norm(gradients));
    assertTrue(error.getMessage().contains("\"bad\" is NaN at element 1"), error.getMessage());
  }

  @Test
  void shouldMoveTheAverageAtTheIntervalOnly() {
    Ema ema = new Ema(0.9, 2, one(0));
    Map<String, float[]> weights = Map.of("w", new float[] {1});

    assertFalse(ema.update(0, weights));
    assertTrue(ema.update(1, weights));
    assertEquals(1 - 2.0 / 11, ema.average().get("w").values()[0], 1e-7);
    assertEquals(0.9, ema.decay(1000));
  }
}
