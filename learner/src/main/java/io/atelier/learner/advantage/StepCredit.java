package io.atelier.learner.advantage;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Advantages by trained step, in double precision. N is the number of samples of a learner step, T
 * the number of trained steps.
 *
 * <p>The potential {@code phi[t]} of a sample is the score of the image that its state before
 * trained step t leads to without further noise; {@code phi[T]} is its reward R. The gain of a step
 * is {@code d[t] = phi[t + 1] - phi[t]}, and gains add up to {@code R - phi[0]}. Means are those of
 * the group; {@code std} is that of {@link Spread}, of rewards except for GAIN:
 *
 * <ul>
 *   <li>NONE: {@code A = (R - mean R) / (std + 1e-4)} in every step.
 *   <li>TO_GO: {@code (R - phi[t] - mean (R - phi[t])) / (std + 1e-4)}. The subtracted baseline
 *       depends only on the state before the step, so the expected gradient is that of NONE for any
 *       potential: potential-based shaping with discount 1, as in RED (arXiv 2411.08302) for the
 *       tokens of a text. The variance is lower if potentials predict rewards.
 *   <li>REDISTRIBUTE: {@code A + alpha (d[t] - mean over t of d) / (std + 1e-4)}. The mean over the
 *       steps of a sample is A. This is a biased estimate of that gradient.
 *   <li>GAIN: {@code (d[t] - mean d) / (std d + 1e-4)}, mean and standard deviation over one step
 *       or over all (DenseGRPO, arXiv 2601.20218; Stepwise-Flow-GRPO, arXiv 2603.28718). Correct if
 *       a potential is close to the mean reward of all continuations of its state, otherwise
 *       short-sighted.
 * </ul>
 *
 * <p>A gain is never compared with the mean of rewards: that would make every step of a good image
 * look bad.
 */
public final class StepCredit {

  private StepCredit() {}

  /**
   * Returns one advantage for each trained step and reward, (T, N), not yet clipped.
   *
   * @param steps T
   * @param rewards of all samples of the learner step, N
   * @param potentials (T, N); not read by NONE
   * @param groups group of each sample, any labels
   * @param previous as for {@link Advantages#of}
   */
  public static double[][] of(
      AdvantageConfig config,
      int steps,
      double[] rewards,
      double[][] potentials,
      int[] groups,
      OptionalDouble previous) {
    CreditConfig credit = config.credit();
    double[] whole = Advantages.of(config, rewards, groups, previous);
    double[][] advantages = new double[steps][];
    if (!credit.needsPotentials()) {
      Arrays.fill(advantages, whole);
      return advantages;
    }
    double[][] gains = gains(rewards, potentials);
    if (credit.mode() == CreditMode.GAIN) {
      return credit.normalise() == GainScale.JOINT
          ? joint(config, gains, groups)
          : byStep(config, gains, groups);
    }
    double[] divisors = Advantages.divisors(config.spread(), rewards, groups, previous);
    for (int t = 0; t < steps; t++) {
      advantages[t] =
          credit.mode() == CreditMode.TO_GO
              ? toGo(rewards, potentials[t], groups, divisors)
              : redistributed(whole, gains, t, credit.alpha(), divisors);
    }
    return advantages;
  }

  /**
   * Returns the gains d of the trained steps, (T, N).
   *
   * @param rewards N
   * @param potentials (T, N)
   */
  static double[][] gains(double[] rewards, double[][] potentials) {
    int steps = potentials.length;
    double[][] gains = new double[steps][rewards.length];
    for (int t = 0; t < steps; t++) {
      double[] after = t + 1 < steps ? potentials[t + 1] : rewards;
      for (int i = 0; i < rewards.length; i++) {
        gains[t][i] = after[i] - potentials[t][i];
      }
    }
    return gains;
  }

  private static double[] toGo(
      double[] rewards, double[] potential, int[] groups, double[] divisors) {
    double[] rest = new double[rewards.length];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = rewards[i] - potential[i];
    }
    double[] advantages = Advantages.centred(rest, groups);
    for (int i = 0; i < rest.length; i++) {
      advantages[i] /= divisors[i];
    }
    return advantages;
  }

  private static double[] redistributed(
      double[] whole, double[][] gains, int t, double alpha, double[] divisors) {
    double[] advantages = whole.clone();
    for (int i = 0; i < whole.length; i++) {
      double sum = 0;
      for (double[] gain : gains) {
        sum += gain[i];
      }
      advantages[i] += alpha * (gains[t][i] - sum / gains.length) / divisors[i];
    }
    return advantages;
  }

  private static double[][] byStep(AdvantageConfig config, double[][] gains, int[] groups) {
    double[][] advantages = new double[gains.length][];
    for (int t = 0; t < gains.length; t++) {
      advantages[t] = Advantages.of(config, gains[t], groups, OptionalDouble.empty());
    }
    return advantages;
  }

  /** Treats the steps of a sample as samples of its group. */
  private static double[][] joint(AdvantageConfig config, double[][] gains, int[] groups) {
    int samples = groups.length;
    double[] all = new double[gains.length * samples];
    int[] labels = new int[all.length];
    for (int t = 0; t < gains.length; t++) {
      System.arraycopy(gains[t], 0, all, t * samples, samples);
      System.arraycopy(groups, 0, labels, t * samples, samples);
    }
    double[] advantages = Advantages.of(config, all, labels, OptionalDouble.empty());
    double[][] byStep = new double[gains.length][];
    for (int t = 0; t < gains.length; t++) {
      byStep[t] = Arrays.copyOfRange(advantages, t * samples, (t + 1) * samples);
    }
    return byStep;
  }
}
