package io.atelier.reward.adversarial;

import io.atelier.reward.graph.Operation;
import io.atelier.reward.metrics.Correlation;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is made of the scores that K members of an ensemble, or K rewards, give to images. Members
 * are only defined up to an offset and a scale, so each is first brought to those of the others:
 * else {@link Aggregate#MIN} would be the member with the lowest offset. Pure functions.
 */
public final class MemberScores {

  private MemberScores() {}

  /**
   * {@code (score - mean) / deviation} of each member, the mean being its own over a group.
   *
   * @param scores (K, n) of images
   * @param group (K, G) of the group they are held against
   * @param deviations K, above 0
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
   * One score of each image.
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
   * How far the members are apart: the mean over images of the population standard deviation of
   * what they give to it.
   *
   * @param groups of each group its scores, (K, G)
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
   * Mean correlation of two members over the images of a group; see {@link Correlation#agreement}.
   *
   * @param groups of each group its scores, (K, G)
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
   * The population standard deviation of each member's scores over all groups, each less its
   * group's mean: within a group is where rewards are compared.
   *
   * @param groups of each group its scores, (K, G)
   * @return K, 0 of a member that tells no images of a group apart
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
