package io.atelier.reward.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CorrelationTest {

  @Test
  void shouldCorrelatePairs() {
    // Less their means -1 0 1 and -1 1 0: products 1, squares 2 and 2.
    double[] x = {1, 2, 3};
    assertEquals(0.5, Correlation.pearson(x, new double[] {1, 3, 2}).orElseThrow(), 1e-12);
    assertEquals(1, Correlation.pearson(x, new double[] {-5, -3, -1}).orElseThrow(), 1e-12);
    assertEquals(-1, Correlation.pearson(x, new double[] {4, 2, 0}).orElseThrow(), 1e-12);
  }

  @Test
  void shouldCorrelateRanks() {
    // Ranks 1 2 3 4 and 1 3 2 4: 1 - 6 (0 + 1 + 1 + 0) / (4 x 15) = 0.8, whatever the distances.
    double[] x = {1, 2, 3, 1000};
    assertEquals(0.8, Correlation.spearman(x, new double[] {-9, 5, 4, 6}).orElseThrow(), 1e-12);
    assertEquals(-1, Correlation.spearman(x, new double[] {3, 2, 1, 0.9}).orElseThrow(), 1e-12);
    // Ranks 1 2.5 2.5 4 less 2.5: -1.5 0 0 1.5 with -1.5 -.5 .5 1.5: 4.5 / sqrt(4.5 x 5).
    assertEquals(0.948683, Correlation.spearman(x, new double[] {0, 7, 7, 8}).orElseThrow(), 1e-6);
    assertTrue(Correlation.spearman(x, new double[] {7, 7, 7, 7}).isEmpty());
  }

  @Test
  void shouldSayNothingOfWhatIsTheSameEverywhere() {
    assertTrue(Correlation.pearson(new double[] {1, 2}, new double[] {7, 7}).isEmpty());
    assertTrue(Correlation.pearson(new double[] {3}, new double[] {7}).isEmpty());
    assertThrows(
        IllegalArgumentException.class,
        () -> Correlation.pearson(new double[] {1, 2}, new double[] {1}));
  }

  @Test
  void shouldAgreeWithinGroups() {
    // First group: a with b 1, a with c -1, b with c -1. Second: b is flat, so a with c alone, -1.
    // Between the groups all three rise, which does not count.
    List<Map<String, float[]>> groups =
        List.of(
            Map.of("a", new float[] {1, 2}, "b", new float[] {0, 9}, "c", new float[] {2, 1}),
            Map.of("a", new float[] {11, 12}, "b", new float[] {5, 5}, "c", new float[] {22, 21}));
    List<String> all = List.of("a", "b", "c");
    assertEquals(-0.5, Correlation.agreement(groups, all).orElseThrow(), 1e-12);
    assertEquals(1, Correlation.agreement(groups, List.of("a", "b")).orElseThrow(), 1e-12);
    assertTrue(Correlation.agreement(groups, List.of("a")).isEmpty());
    assertTrue(Correlation.agreement(groups, List.of("a", "d")).isEmpty());
  }
}
