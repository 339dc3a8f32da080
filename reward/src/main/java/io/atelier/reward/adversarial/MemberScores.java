package io.atelier.reward.adversarial;

import io.atelier.reward.graph.Operation;
import io.atelier.reward.metrics.Correlation;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Combines and compares the scores of images by K members of an ensemble, or by K rewards. A
 * member's scores are defined only up to an offset and a scale, so they are standardised first:
 * otherwise {@link Aggregate#MIN} would select the member with the lowest offset. Pure functions.
 */
public final class MemberScores {

  private MemberScores() {}

  /**
   * Computes {@code (score - mean) / deviation} for each member, with its mean over a group.
   *
   * @param scores scores of images, (K, n)
   * @param group scores of the group that defines the mean, (K, G)
   * @param deviations standard deviations, K, above 0
   * @return (K, n)
   */
  public static double[][] standardised(float[][] scores, float[][] group, float[] deviations) {
    double[][] standardised = new double[scores.length][];
    for (int k = 0; k < scores.length; k++) {
      double mean = Operation.mean(doubles(group[k]));
      standardised[k] = doubles(scores[k]);
      for (int n = 0; n < standardised[k].length; n++) {
        standardised[k][n] = (standardised[k][n] - mean) / deviations[k];
      }
    }
    return standardised;
  }

  /**
   * Combines the members' scores into one for each image, n.
   *
   * @param scores (K, n)
   */
  public static float[] aggregated(Aggregate aggregate, double[][] scores) {
    float[] all = new float[scores[0].length];
    for (int n = 0; n < all.length; n++) {
      all[n] = (float) aggregate.of(ofImage(scores, n));
    }
    return all;
  }

  /**
   * Returns the disagreement of the members: the mean over images of the population standard
   * deviation of their scores.
   *
   * @param groups scores of each group, (K, G)
   */
  static double spread(List<double[][]> groups) {
    double sum = 0;
    int count = 0;
    for (double[][] scores : groups) {
      for (int n = 0; n < scores[0].length; n++) {
        sum += Operation.std(ofImage(scores, n));
        count++;
      }
    }
    return sum / count;
  }

  /**
   * Returns the mean correlation of two members over the images of a group; see {@link
   * Correlation#agreement}.
   *
   * @param groups scores of each group, (K, G)
   */
  public static OptionalDouble agreement(List<float[][]> groups) {
    List<String> names =
        IntStream.range(0, groups.get(0).length).mapToObj(String::valueOf).toList();
    return Correlation.agreement(
        groups.stream()
            .map(
                group ->
                    names.stream()
                        .collect(Collectors.toMap(k -> k, k -> group[Integer.parseInt(k)])))
            .toList(),
        names);
  }

  /**
   * Returns the population standard deviation of each member's scores over all groups, each minus
   * its group's mean, since rewards are compared within a group.
   *
   * @param groups scores of each group, (K, G)
   * @return K, 0 for a member whose scores are equal within every group
   */
  public static float[] deviations(List<float[][]> groups) {
    float[] deviations = new float[groups.get(0).length];
    for (int k = 0; k < deviations.length; k++) {
      double squares = 0;
      int count = 0;
      for (float[][] group : groups) {
        double[] own = doubles(group[k]);
        double deviation = Operation.std(own);
        squares += deviation * deviation * own.length;
        count += own.length;
      }
      deviations[k] = (float) Math.sqrt(squares / count);
    }
    return deviations;
  }

  private static double[] ofImage(double[][] scores, int n) {
    return Arrays.stream(scores).mapToDouble(own -> own[n]).toArray();
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
