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

  /**
   * Scores 1 0 0 0 and 0 100 0 0. Their sum is 1 100 0 0, of mean 25.25 and deviation 43.157; apart
   * each has mean 1/4 and deviation sqrt(3)/4 of its scale, so that both count.
   */
  @Test
  void shouldTakeWhatAGraphNormalisedAsItIs() {
    double[] sum = {1, 100, 0, 0};
    AdvantageConfig rewards = AdvantageConfig.of(Weighting.GRPO, Spread.GROUP, 5);
    assertArrayEquals(
        new double[] {-0.561876, 1.731969, -0.585046, -0.585046},
        new StepAdvantages(rewards).next(sum, new int[4]),
        5e-7);
    double[] apart = {1.154302, 1.154830, -1.154566, -1.154566};
    AdvantageConfig graph = AdvantageConfig.of(Weighting.GRAPH, Spread.GROUP, 5);
    assertArrayEquals(apart, new StepAdvantages(graph).next(apart, new int[4]));
    AdvantageConfig narrow = AdvantageConfig.of(Weighting.GRAPH, Spread.GROUP, 1);
    assertArrayEquals(
        new double[] {1, 1, -1, -1}, new StepAdvantages(narrow).next(apart, new int[4]));
  }

  /** The deviation that is left to the next step is that of float32. */
  @Test
  void shouldLeaveItsDeviationToTheNextStep() {
    StepAdvantages steps =
        new StepAdvantages(AdvantageConfig.of(Weighting.GRPO, Spread.PREVIOUS_BATCH, 5));
    assertEquals(OptionalDouble.empty(), steps.previousStd());
    steps.next(new double[] {0, 0.2, 0, 0.2}, PAIRS);
    assertEquals(OptionalDouble.of(0.1f), steps.previousStd());
    StepAdvantages resumed =
        new StepAdvantages(AdvantageConfig.of(Weighting.GRPO, Spread.PREVIOUS_BATCH, 5));
    resumed.restore(steps.previousStd());
    // 1 / 0.1001 is limited, .05 / .1001 is not
    double[] next = resumed.next(new double[] {1, 3, 0, 0.1}, PAIRS);
    assertArrayEquals(new double[] {-5, 5, -0.499500, 0.499500}, next, 5e-7);
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
