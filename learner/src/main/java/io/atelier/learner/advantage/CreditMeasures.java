package io.atelier.learner.advantage;

import java.util.Map;
import java.util.TreeMap;

/**
 * Measurements of credit by step in a learner step. Names count trained steps T from 1:
 *
 * <ul>
 *   <li>{@code credit/flipped}: share of samples and steps whose advantage has the opposite sign to
 *       the sample's, 0 to 1.
 *   <li>{@code credit/gain-T}: mean gain of a step. If it is always below 0, the noise of that step
 *       is too high.
 *   <li>{@code credit/gain-variance-T}: its variance within a group, averaged over groups.
 *   <li>{@code credit/correlation-T}: correlation of the potential before a step with the reward,
 *       within groups, -1 to 1. The reward is that of one continuation of the state, not the mean
 *       over all, so this is at most the correlation with that mean: at .8 or more, {@link
 *       CreditMode#GAIN} is about right. Left out if potentials or rewards are all equal, as before
 *       the first step of a shared start.
 * </ul>
 */
public final class CreditMeasures {

  private CreditMeasures() {}

  /**
   * Returns the measurements by name.
   *
   * @param whole one advantage for each sample, N
   * @param advantages advantages by step, (T, N)
   * @param rewards N
   * @param potentials (T, N)
   * @param groups group of each sample, any labels
   */
  public static Map<String, Double> of(
      double[] whole,
      double[][] advantages,
      double[] rewards,
      double[][] potentials,
      int[] groups) {
    Map<String, Double> measured = new TreeMap<>();
    measured.put("credit/flipped", flipped(whole, advantages));
    double[][] gains = StepCredit.gains(rewards, potentials);
    double[] centredRewards = Advantages.centred(rewards, groups);
    for (int t = 0; t < gains.length; t++) {
      double[] centred = Advantages.centred(gains[t], groups);
      measured.put("credit/gain-" + (t + 1), Advantages.mean(gains[t]));
      measured.put("credit/gain-variance-" + (t + 1), product(centred, centred) / centred.length);
      double[] potential = Advantages.centred(potentials[t], groups);
      double scale =
          Math.sqrt(product(potential, potential) * product(centredRewards, centredRewards));
      if (scale > 0) {
        measured.put("credit/correlation-" + (t + 1), product(potential, centredRewards) / scale);
      }
    }
    return measured;
  }

  private static double flipped(double[] whole, double[][] advantages) {
    long flipped = 0;
    for (double[] own : advantages) {
      for (int i = 0; i < whole.length; i++) {
        flipped += own[i] * whole[i] < 0 ? 1 : 0;
      }
    }
    return (double) flipped / ((long) advantages.length * whole.length);
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
