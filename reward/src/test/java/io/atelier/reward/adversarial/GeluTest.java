package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GeluTest {

  @Test
  void shouldAgreeWithPublishedValuesOfTheNormalDistribution() {
    assertEquals(0.8413447460685429, Gelu.value(1), 1e-12);
    assertEquals(-2 * 0.022750131948179195, Gelu.value(-2), 1e-12);
    assertEquals(0, Gelu.value(0));
    assertEquals(0.5, Gelu.slope(0), 1e-12);
    assertEquals(20, Gelu.value(20));
    assertEquals(0, Gelu.value(-20), 1e-30);
  }

  @Test
  void shouldBeSmoothBetweenNodes() {
    double largest = 0;
    for (double x = -9.5; x < 9.5; x += 0.0137) {
      // A central difference of Gelu at h has error h^2/6 times a third derivative below 2.
      double difference = (Gelu.value(x + 1e-4) - Gelu.value(x - 1e-4)) / 2e-4;
      largest = Math.max(largest, Math.abs(difference - Gelu.slope(x)));
    }
    assertEquals(0, largest, 1e-6);
  }
}
