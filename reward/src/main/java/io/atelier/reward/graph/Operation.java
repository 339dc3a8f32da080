package io.atelier.reward.graph;

import java.util.Arrays;

/** Combines several values of one image. */
public enum Operation {
  SUM,
  PRODUCT,
  MIN,
  MAX,
  MEAN,
  /** The median; for an even number of values, the mean of the two middle ones. */
  MEDIAN;

  /**
   * @param values the values that are present, in the order of the parts; at least one
   */
  public double of(double[] values) {
    return switch (this) {
      case SUM -> sum(values);
      case PRODUCT -> Arrays.stream(values).reduce(1, (a, b) -> a * b);
      case MIN -> Arrays.stream(values).min().orElseThrow();
      case MAX -> Arrays.stream(values).max().orElseThrow();
      case MEAN -> mean(values);
      case MEDIAN -> median(values);
    };
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * Sums in order, without the compensated summation of streams, whose result depends on their
   * structure.
   */
  static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  public static double mean(double[] values) {
    return sum(values) / values.length;
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
}
