package io.atelier.learner.advantage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Advantages of the samples of one learner step, in double precision. Standard deviations are those
 * of a population (ddof 0). Formulas: Flow-GRPO, arXiv 2505.05470, eq. 6, and its published code.
 */
public final class Advantages {

  /** Added to the standard deviation. */
  private static final double EPSILON = 1e-4;

  private Advantages() {}

  /**
   * Computes one advantage for each reward, not yet clipped. With GRPO it is {@code (R - mean R) /
   * (std + 1e-4)}, the mean that of the group and std that of {@link Spread}; see {@link Weighting}
   * for the others.
   *
   * @param rewards rewards of all samples of the step, N
   * @param groups group of each sample, N, any labels
   * @param previous standard deviation of the previous step, for {@link Spread#PREVIOUS_BATCH}
   */
  public static double[] of(
      AdvantageConfig config, double[] rewards, int[] groups, OptionalDouble previous) {
    requireFinite(rewards);
    if (config.weighting() == Weighting.GRPO) {
      double[] out = centred(rewards, groups);
      double[] divisors = divisors(config.spread(), rewards, groups, previous);
      for (int i = 0; i < out.length; i++) {
        out[i] /= divisors[i];
      }
      return out;
    }
    double[] out = new double[rewards.length];
    for (int[] group : members(groups).values()) {
      switch (config.weighting()) {
        case RWR, GRAPH -> Arrays.stream(group).forEach(i -> out[i] = rewards[i]);
        case SFT -> {
          double best = Arrays.stream(group).mapToDouble(i -> rewards[i]).max().orElseThrow();
          Arrays.stream(group).forEach(i -> out[i] = rewards[i] == best ? 1 : 0);
        }
        case DPO -> bestAndWorst(rewards, group, out);
      }
    }
    return out;
  }

  /** Returns the values minus the mean of their group. */
  static double[] centred(double[] values, int[] groups) {
    double[] out = new double[values.length];
    for (int[] group : members(groups).values()) {
      double mean = mean(own(values, group));
      for (int i : group) {
        out[i] = values[i] - mean;
      }
    }
    return out;
  }

  /** Returns the divisors of the centred rewards, above 0. */
  static double[] divisors(Spread spread, double[] rewards, int[] groups, OptionalDouble previous) {
    double batch =
        spread == Spread.PREVIOUS_BATCH && previous.isPresent()
            ? previous.getAsDouble()
            : std(rewards);
    double[] out = new double[rewards.length];
    for (int[] group : members(groups).values()) {
      double std = spread == Spread.GROUP ? std(own(rewards, group)) : batch;
      for (int i : group) {
        out[i] = std + EPSILON;
      }
    }
    return out;
  }

  private static double[] own(double[] values, int[] group) {
    return Arrays.stream(group).mapToDouble(i -> values[i]).toArray();
  }

  private static void bestAndWorst(double[] rewards, int[] group, double[] out) {
    if (group.length < 2) {
      throw new IllegalArgumentException(
          "a group of one sample has no best and worst; dpo needs groups of at least 2");
    }
    int best = 0;
    int worst = 0;
    for (int i = 1; i < group.length; i++) {
      best = rewards[group[i]] > rewards[group[best]] ? i : best;
      worst = rewards[group[i]] < rewards[group[worst]] ? i : worst;
    }
    if (best == worst) { // all equal: the published code takes the first two
      worst = 0;
      best = 1;
    }
    out[group[best]] = 1;
    out[group[worst]] = -1;
  }

  /** Returns the share of the groups whose rewards are all equal: they give no gradient. */
  public static double zeroVarianceShare(double[] rewards, int[] groups) {
    Map<Integer, int[]> members = members(groups);
    long flat =
        members.values().stream()
            .filter(group -> Arrays.stream(group).allMatch(i -> rewards[i] == rewards[group[0]]))
            .count();
    return (double) flat / members.size();
  }

  /** Returns the population standard deviation. */
  public static double std(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / values.length);
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** Sample indices of each group, in order of first appearance. */
  private static Map<Integer, int[]> members(int[] groups) {
    Map<Integer, int[]> members = new LinkedHashMap<>();
    for (int i = 0; i < groups.length; i++) {
      int[] before = members.getOrDefault(groups[i], new int[0]);
      int[] now = Arrays.copyOf(before, before.length + 1);
      now[before.length] = i;
      members.put(groups[i], now);
    }
    return members;
  }

  private static void requireFinite(double[] rewards) {
    for (int i = 0; i < rewards.length; i++) {
      if (!Double.isFinite(rewards[i])) {
        throw new ArithmeticException("reward %d of the step is %s".formatted(i, rewards[i]));
      }
    }
  }
}
