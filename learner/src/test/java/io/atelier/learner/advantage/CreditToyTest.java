package io.atelier.learner.advantage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A walk whose gradient is known: from x0 = 1 two steps {@code x += theta + .5 e}, e standard
 * normal, theta = .3, reward {@code -x^2}. The expected reward is {@code -(1 + 2 theta)^2 - .5} and
 * its slope {@code -4 (1 + 2 theta) = -6.4}, of which groups of 8 that are centred see 7/8: -5.6.
 * An advantage weighs {@code e / .5}, the slope of the log-probability of a step.
 */
class CreditToyTest {
  private static final int GROUPS = 30_000;
  private static final int SIZE = 8;
  private static final double THETA = .3;
  private static final double TRUTH = -5.6;

  /** Without noise x1 ends at {@code x1 + theta}: the mean of what follows, but for a constant. */
  private static final DoubleUnaryOperator REST = x -> -(x + THETA) * (x + THETA);

  /** As of a blurred image, which tells something else. */
  private static final DoubleUnaryOperator BLURRED = x -> -(x / 2) * (x / 2);

  private final int[] groups = new int[GROUPS * SIZE];
  private final double[][] noise = new double[2][groups.length];
  private final double[] middle = new double[groups.length];
  private final double[] rewards = new double[groups.length];

  CreditToyTest() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < groups.length; i++) {
      groups[i] = i / SIZE;
      noise[0][i] = random.nextGaussian();
      noise[1][i] = random.nextGaussian();
      middle[i] = 1 + THETA + .5 * noise[0][i];
      double end = middle[i] + THETA + .5 * noise[1][i];
      rewards[i] = -end * end;
    }
  }

  /** The gradient that each group gives, not divided by a deviation. */
  private double[] gradients(CreditMode mode, DoubleUnaryOperator potential) {
    double[][] potentials = new double[2][groups.length];
    for (int i = 0; i < groups.length; i++) {
      potentials[0][i] = potential.applyAsDouble(1);
      potentials[1][i] = potential.applyAsDouble(middle[i]);
    }
    AdvantageConfig config =
        new AdvantageConfig(
            Weighting.GRPO, Spread.BATCH, 5, new CreditConfig(mode, 1, GainScale.STEP));
    double[][] advantages =
        StepCredit.of(config, 2, rewards, potentials, groups, OptionalDouble.empty());
    double[][] gains = StepCredit.gains(rewards, potentials);
    double[] gradients = new double[GROUPS];
    for (int t = 0; t < 2; t++) {
      double std = Advantages.std(mode == CreditMode.GAIN ? gains[t] : rewards) + 1e-4;
      for (int i = 0; i < groups.length; i++) {
        gradients[groups[i]] += std * advantages[t][i] * noise[t][i] / .5 / SIZE;
      }
    }
    return gradients;
  }

  /** How many standard errors the mean of pairwise differences is from 0. */
  private static double errors(double[] one, double[] other) {
    double[] differences = new double[GROUPS];
    for (int g = 0; g < GROUPS; g++) {
      differences[g] = one[g] - other[g];
    }
    return Math.abs(mean(differences)) / (Advantages.std(differences) / Math.sqrt(GROUPS));
  }

  private static double mean(double[] values) {
    return Advantages.mean(values);
  }

  private static double variance(double[] values) {
    return Advantages.std(values) * Advantages.std(values);
  }

  @Test
  void shouldKeepTheGradientOfTheRestToGoWhateverThePotentialIs() {
    for (DoubleUnaryOperator potential : new DoubleUnaryOperator[] {REST, BLURRED}) {
      double[] none = gradients(CreditMode.NONE, potential);
      double[] toGo = gradients(CreditMode.TO_GO, potential);
      double error = Advantages.std(none) / Math.sqrt(GROUPS);
      assertTrue(Math.abs(mean(none) - TRUTH) < 3 * error, "none gave " + mean(none));
      assertTrue(errors(toGo, none) < 3, "to-go gave " + mean(toGo) + ", none " + mean(none));
      double most = potential == REST ? .7 : .95;
      assertTrue(
          variance(toGo) < most * variance(none),
          "variance %s, of none %s".formatted(variance(toGo), variance(none)));
    }
  }

  @Test
  void shouldBeShortSightedByGainsWherePotentialsAreNoValues() {
    double[] none = gradients(CreditMode.NONE, REST);
    double[] gain = gradients(CreditMode.GAIN, REST);
    assertTrue(errors(gain, none) < 3, "gain gave " + mean(gain) + ", none " + mean(none));
    assertTrue(variance(gain) < .6 * variance(none), "variance " + variance(gain));
    double[] blurred = gradients(CreditMode.GAIN, BLURRED);
    assertTrue(errors(blurred, none) > 30, "gain gave " + mean(blurred));
    assertEquals(-3.36, mean(blurred), .05);
  }

  /** Half of {@code (d1 - d2) (e1 - e2) / .5} comes on top, whose mean is -6.4 and not centred. */
  @Test
  void shouldStretchTheGradientByRedistribution() {
    double[] more = gradients(CreditMode.REDISTRIBUTE, REST);
    double error = Advantages.std(more) / Math.sqrt(GROUPS);
    assertTrue(Math.abs(mean(more) - (TRUTH - 3.2)) < 3 * error, mean(more) + " +- " + error);
    assertTrue(variance(more) > variance(gradients(CreditMode.NONE, REST)));
  }
}
