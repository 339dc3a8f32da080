package io.atelier.actors.report;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Means of rewards over the images of a step. */
public final class RewardTotals {

  private RewardTotals() {}

  /** Computes the measurements of the rewards of a step's groups. */
  public static Map<String, Double> of(List<float[]> rewards) {
    Map<String, double[]> sums = new TreeMap<>();
    rewards.forEach(own -> add(sums, "reward/total", own));
    Map<String, Double> means = means(sums);
    long flat = rewards.stream().filter(RewardTotals::isFlat).count();
    means.put("reward/zero-variance", flat / (double) rewards.size());
    return means;
  }

  /** Computes means by name, from sums and counts. */
  public static Map<String, Double> means(Map<String, double[]> sums) {
    Map<String, Double> means = new TreeMap<>();
    sums.forEach((name, sum) -> means.put(name, sum[0] / sum[1]));
    return means;
  }

  /** Adds values to the sum and count of a name. */
  public static void add(Map<String, double[]> sums, String name, float[] values) {
    double[] sum = sums.computeIfAbsent(name, n -> new double[2]);
    for (float value : values) {
      sum[0] += value;
      sum[1]++;
    }
  }

  /** Whether all values are equal. */
  public static boolean isFlat(float[] values) {
    for (float value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }
}
