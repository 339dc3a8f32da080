package io.atelier.reward.artifact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Numbers worked out by hand. */
class PairStatisticsTest {

  @Test
  void shouldCountPairs() {
    PairStatistics counted =
        PairStatistics.of(new float[] {1, 2, 3, -1}, new float[] {0, 2, 4, -2});
    assertEquals(new PairStatistics(2, 1, 1), counted);
    assertEquals(0.625, counted.accuracy(), "(2 + 1/2) / 4");
  }

  /** The artifact reward of Hong et al. on their 202 pairs, table of arXiv 2601.03468. */
  @Test
  void shouldCountTiesHalf() {
    assertEquals(0.801980, new PairStatistics(161, 2, 39).accuracy(), 5e-7);
    assertEquals(202, new PairStatistics(161, 2, 39).pairs());
  }

  /**
   * A damaged image with P = 0.7 and a clean one with P = 0.2: (ln 0.7 + ln 0.8) / 2, with logits
   * ln(7 / 3) and ln(1 / 4).
   */
  @Test
  void shouldBeTheMeanLogarithmOfWhatIsRight() {
    float[] damaged = {(float) Math.log(7.0 / 3)};
    float[] clean = {(float) Math.log(1.0 / 4)};
    assertEquals(-0.289909, PairStatistics.likelihood(clean, damaged), 5e-7);
    assertEquals(
        -Math.log(2), PairStatistics.likelihood(new float[1], new float[3]), 1e-12, "of coins");
  }

  /** exp(1000) is no number, and its logarithm is 1000. */
  @Test
  void shouldBeFiniteForLargeLogits() {
    assertEquals(-1000, PairStatistics.likelihood(new float[] {1000}, new float[] {-1000}), 1e-9);
    assertTrue(PairStatistics.likelihood(new float[] {-1000}, new float[] {1000}) == 0);
  }

  @Test
  void shouldRefuseSidesOfDifferentLength() {
    assertEquals(
        "1 clean images and 2 damaged ones are no pairs",
        assertThrows(
                IllegalArgumentException.class, () -> PairStatistics.of(new float[1], new float[2]))
            .getMessage());
  }
}
