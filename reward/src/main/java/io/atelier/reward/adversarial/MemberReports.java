package io.atelier.reward.adversarial;

import java.util.LinkedHashMap;
import java.util.Map;

/** Means of what the members of an ensemble measure. */
final class MemberReports {

  private final Map<String, double[]> sums = new LinkedHashMap<>();

  /** Adds what one member measured; NaN is what it did not. */
  void add(Map<String, Double> report) {
    report.forEach(
        (name, value) -> {
          double[] sum = sums.computeIfAbsent(name, n -> new double[2]);
          if (!value.isNaN()) {
            sum[0] += value;
            sum[1]++;
          }
        });
  }

  /** Over the members that measured it; NaN where none did. */
  Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum[0] / sum[1]));
    return means;
  }
}
