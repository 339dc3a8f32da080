package io.atelier.reward.graph;

import java.util.Arrays;

/** What is made of several values of one image. */
public enum Operation {
  SUM,
  PRODUCT,
  MIN,
  MAX,
  MEAN,
  /** The value in the middle; of an even number of values the mean of the two there. */
  MEDIAN;

  /**
   * @param values those that are there, in the order of the parts; at least one
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

  /** In order, without the compensation of streams, whose result depends on their shape. */
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

  /** Population standard deviation. */
  public static double std(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / values.length);
  }
}
