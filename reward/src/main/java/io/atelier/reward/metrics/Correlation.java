package io.atelier.reward.metrics;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Correlation of two measurements. Pure functions. */
public final class Correlation {

  private Correlation() {}

  /**
   * Computes Pearson's correlation, {@code sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2
   * sum (y - mean y)^2)}, -1 to 1.
   *
   * @param x values, n, at least one
   * @param y values, n
   * @return empty if one of the two is constant
   */
  public static OptionalDouble pearson(double[] x, double[] y) {
    if (x.length != y.length || x.length == 0) {
      throw new IllegalArgumentException(
          "a correlation is of pairs, got %d and %d values".formatted(x.length, y.length));
    }
    double meanX = mean(x);
    double meanY = mean(y);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xx > 0 && yy > 0
        ? OptionalDouble.of(xy / (StrictMath.sqrt(xx) * StrictMath.sqrt(yy)))
        : OptionalDouble.empty();
  }

  /**
   * Computes Spearman's rank correlation: {@link #pearson} of the ranks, where equal values share
   * their mean rank. It is 1 if y is any increasing function of x.
   *
   * @return empty if one of the two is constant
   */
  public static OptionalDouble spearman(double[] x, double[] y) {
    return pearson(ranks(x), ranks(y));
  }

  private static double[] ranks(double[] values) {
    double[] ranks = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      for (double other : values) {
        ranks[i] += other < values[i] ? 1 : other == values[i] ? 0.5 : 0;
      }
    }
    return ranks;
  }

  /** Computes {@link #pearson(double[], double[])} of single-precision values. */
  public static OptionalDouble pearson(float[] x, float[] y) {
    return pearson(doubles(x), doubles(y));
  }

  /**
   * Computes the agreement of several scorers: the mean of {@link #pearson} over all their pairs
   * and all groups. It is within groups, since advantages are; a pair is left out for a group to
   * which one of the two gives equal scores.
   *
   * @param groups scores of each group's images, by the scorer's name
   * @param scorers names of the scorers to compare
   * @return -1 to 1; empty if all pairs are left out
   */
  public static OptionalDouble agreement(List<Map<String, float[]>> groups, List<String> scorers) {
    double sum = 0;
    int count = 0;
    for (Map<String, float[]> scores : groups) {
      List<double[]> given =
          scorers.stream().filter(scores::containsKey).map(s -> doubles(scores.get(s))).toList();
      for (int a = 0; a < given.size(); a++) {
        for (int b = a + 1; b < given.size(); b++) {
          OptionalDouble pair = pearson(given.get(a), given.get(b));
          if (pair.isPresent()) {
            sum += pair.getAsDouble();
            count++;
          }
        }
      }
    }
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
