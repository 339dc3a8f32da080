package io.atelier.learner.advantage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One group of four samples and two trained steps. Gains are d1 = .4 0 .1 -.1 and d2 = .1 .3 -.1
 * -.1, the standard deviation of rewards is .2692582.
 */
class StepCreditTest {
  private static final double[] REWARDS = {.7, .5, .2, 0};
  private static final double[][] POTENTIALS = {{.2, .2, .2, .2}, {.6, .2, .3, .1}};
  private static final double[] WHOLE = {1.299385, .556879, -.556879, -1.299385};
  private static final int[] ONE = new int[4];

  private static double[][] credit(
      CreditMode mode, double alpha, GainScale scale, double[] rewards, double[][] potentials) {
    CreditConfig credit = new CreditConfig(mode, alpha, scale);
    AdvantageConfig config = new AdvantageConfig(Weighting.GRPO, Spread.GROUP, 5, credit);
    int steps = potentials.length;
    return StepCredit.of(config, steps, rewards, potentials, ONE, OptionalDouble.empty());
  }

  private static double[][] credit(CreditMode mode, double alpha, GainScale scale) {
    return credit(mode, alpha, scale, REWARDS, POTENTIALS);
  }

  private static void assertSteps(double[][] expected, double[][] actual) {
    assertEquals(expected.length, actual.length);
    for (int t = 0; t < expected.length; t++) {
      assertArrayEquals(expected[t], actual[t], 6e-7);
    }
  }

  @Test
  void shouldGiveEveryStepTheWholeAdvantageWithoutCredit() {
    assertSteps(new double[][] {WHOLE, WHOLE}, credit(CreditMode.NONE, 1, GainScale.JOINT));
  }

  @Test
  void shouldHoldTheRewardAgainstTheStateBeforeTheStep() {
    assertSteps(
        new double[][] {WHOLE, {.185626, .928132, -.556879, -.556879}},
        credit(CreditMode.TO_GO, 1, GainScale.JOINT));
  }

  @Test
  void shouldRedistributeTheAdvantageByTheGains() {
    double[][] steps = credit(CreditMode.REDISTRIBUTE, 1, GainScale.JOINT);
    assertSteps(
        new double[][] {
          {1.856264, 0, -.185626, -1.299385}, {.742506, 1.113758, -.928132, -1.299385}
        },
        steps);
    for (int i = 0; i < 4; i++) {
      assertEquals(WHOLE[i], (steps[0][i] + steps[1][i]) / 2, 6e-7);
    }
  }

  @Test
  void shouldPayAStepItsOwnGain() {
    assertSteps(
        new double[][] {
          {1.602711, -.534237, 0, -1.068474}, {.301330, 1.506648, -.903989, -.903989}
        },
        credit(CreditMode.GAIN, 1, GainScale.STEP));
    assertSteps(
        new double[][] {
          {1.819345, -.419849, .139950, -.979647}, {.139950, 1.259547, -.979647, -.979647}
        },
        credit(CreditMode.GAIN, 1, GainScale.JOINT));
  }

  @Test
  void shouldGiveTheBitsOfNoCreditWithoutRedistribution() {
    double[][] none = credit(CreditMode.NONE, 1, GainScale.JOINT);
    double[][] nothing = credit(CreditMode.REDISTRIBUTE, 0, GainScale.JOINT);
    assertArrayEquals(none[0], nothing[0]);
    assertArrayEquals(none[1], nothing[1]);
  }

  /** The sum of a sample's gains is its reward less what the group shares, which cancels. */
  @Test
  void shouldChangeNothingWhereTheGainsAreOnlyAddedUp() {
    double[][] gains = StepCredit.gains(REWARDS, POTENTIALS);
    assertArrayEquals(new double[] {.4, 0, .1, -.1}, gains[0], 1e-12);
    assertArrayEquals(new double[] {.1, .3, -.1, -.1}, gains[1], 1e-12);
    double[] sums = new double[4];
    for (int i = 0; i < 4; i++) {
      sums[i] = gains[0][i] + gains[1][i];
    }
    AdvantageConfig config = AdvantageConfig.of(Weighting.GRPO, Spread.GROUP, 5);
    assertArrayEquals(WHOLE, Advantages.of(config, sums, ONE, OptionalDouble.empty()), 6e-7);
  }

  /** A gain less the mean of rewards would make d1 into .05 -.35 -.25 -.45: nearly all below 0. */
  @ParameterizedTest
  @EnumSource(CreditMode.class)
  void shouldNeverHoldAGainAgainstTheMeanOfRewards(CreditMode mode) {
    for (GainScale scale : GainScale.values()) {
      double sum = 0;
      for (double[] step : credit(mode, 1, scale)) {
        for (double advantage : step) {
          sum += advantage;
        }
      }
      assertEquals(0, sum, 1e-9);
    }
  }

  /** Three steps: R = 3 1, potentials 0 0, 1 0 and 1 2; the rest to go is 3 1, 2 1 and 2 -1. */
  @Test
  void shouldCreditMoreThanTwoSteps() {
    double[] rewards = {3, 1};
    double[][] potentials = {{0, 0}, {1, 0}, {1, 2}};
    CreditConfig credit = new CreditConfig(CreditMode.TO_GO, 1, GainScale.JOINT);
    AdvantageConfig config = new AdvantageConfig(Weighting.GRPO, Spread.GROUP, 5, credit);
    double[][] steps =
        StepCredit.of(config, 3, rewards, potentials, new int[2], OptionalDouble.empty());
    double std = 1 + 1e-4;
    assertSteps(
        new double[][] {{1 / std, -1 / std}, {.5 / std, -.5 / std}, {1.5 / std, -1.5 / std}},
        steps);
  }

  /** Two groups share a deviation: rewards 0 2 and 10 12 have 5.0990195. */
  @Test
  void shouldDivideByTheDeviationOfTheWholeStep() {
    CreditConfig credit = new CreditConfig(CreditMode.TO_GO, 1, GainScale.JOINT);
    AdvantageConfig config = new AdvantageConfig(Weighting.GRPO, Spread.BATCH, 5, credit);
    double[][] steps =
        StepCredit.of(
            config,
            2,
            new double[] {0, 2, 10, 12},
            new double[][] {{7, 7, 0, 0}, {0, 2, 0, 0}},
            new int[] {0, 0, 1, 1},
            OptionalDouble.empty());
    double one = 1 / (5.0990195 + 1e-4);
    assertSteps(new double[][] {{-one, one, -one, one}, {0, 0, -one, one}}, steps);
  }

  /**
   * Advantages of step 2 under TO_GO all have their sample's sign, those under REDISTRIBUTE too; of
   * GAIN by step the second of step 1 has another. Variances of d1 and d2: .14 / 4 and .11 / 4, the
   * correlation of .6 .2 .3 .1 with .7 .5 .2 0: .16 / sqrt(.14 * .29).
   */
  @Test
  void shouldMeasureWhatCreditDid() {
    double[][] steps = credit(CreditMode.GAIN, 1, GainScale.STEP);
    Map<String, Double> measured = CreditMeasures.of(WHOLE, steps, REWARDS, POTENTIALS, ONE);
    assertEquals(1 / 8.0, measured.get("credit/flipped"));
    assertEquals(.1, measured.get("credit/gain-1"), 1e-12);
    assertEquals(.05, measured.get("credit/gain-2"), 1e-12);
    assertEquals(.035, measured.get("credit/gain-variance-1"), 1e-12);
    assertEquals(.0275, measured.get("credit/gain-variance-2"), 1e-12);
    assertEquals(.794067, measured.get("credit/correlation-2"), 1e-6);
    assertFalse(measured.containsKey("credit/correlation-1"), measured.toString());
  }

  @Test
  void shouldRefuseWhatCannotBeCredited() {
    CreditConfig gain = new CreditConfig(CreditMode.GAIN, 1, GainScale.STEP);
    refuse("weighting is rwr", () -> new AdvantageConfig(Weighting.RWR, Spread.BATCH, 5, gain));
    refuse(
        "spread is previous-batch",
        () -> new AdvantageConfig(Weighting.GRPO, Spread.PREVIOUS_BATCH, 5, gain));
    for (double alpha : new double[] {-.5, Double.NaN, Double.POSITIVE_INFINITY}) {
      refuse(
          "alpha must be at least 0",
          () -> new CreditConfig(CreditMode.REDISTRIBUTE, alpha, GainScale.JOINT));
    }
  }

  private static void refuse(String why, Runnable made) {
    var error = assertThrows(IllegalArgumentException.class, made::run);
    assertTrue(error.getMessage().contains(why), error.getMessage());
  }
}
