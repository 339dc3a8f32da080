package io.atelier.learner.advantage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class AdvantagesTest {
  private static final int[] PAIRS = {0, 0, 1, 1};

  private static double[] grpo(Spread spread, OptionalDouble previous, double... rewards) {
    AdvantageConfig config = AdvantageConfig.of(Weighting.GRPO, spread, 5);
    return Advantages.of(config, rewards, PAIRS, previous);
  }

  @Test
  void shouldDivideByTheDeviationOfTheStepBefore() {
    double[] actual = grpo(Spread.PREVIOUS_BATCH, OptionalDouble.of(0.9999), 1, 3, 0, 0);

    assertArrayEquals(new double[] {-1, 1, 0, 0}, actual, 1e-12);
  }

  @Test
  void shouldUseTheOwnDeviationAtTheFirstStep() {
    assertArrayEquals(
        grpo(Spread.BATCH, OptionalDouble.empty(), 1, 3, 0, 0),
        grpo(Spread.PREVIOUS_BATCH, OptionalDouble.empty(), 1, 3, 0, 0));
  }

  @Test
  void shouldCountGroupsWithEqualRewards() {
    assertEquals(0.5, Advantages.zeroVarianceShare(new double[] {1, 1, 0, 2}, PAIRS));
    assertEquals(1, Advantages.zeroVarianceShare(new double[] {1, 1, 2, 2}, PAIRS));
  }

  @Test
  void shouldRefuseRewardsThatAreNotNumbers() {
    var error =
        assertThrows(
            ArithmeticException.class,
            () -> grpo(Spread.BATCH, OptionalDouble.empty(), 1, Double.NaN, 0, 0));
    assertTrue(error.getMessage().contains("reward 1"));
    assertThrows(
        IllegalArgumentException.class, () -> AdvantageConfig.of(Weighting.GRPO, Spread.BATCH, 0));
  }
}
