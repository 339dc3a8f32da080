package io.atelier.reward.adversarial;

import java.util.LinkedHashMap;
import java.util.Map;

/** Averages the measurements of an ensemble's members. */
final class MemberReports {

  private final Map<String, double[]> sums = new LinkedHashMap<>();

  /** Adds one member's measurements; NaN values are skipped. */
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

  /** Returns means over the members that have a value; NaN if none has. */
  Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum[0] / sum[1]));
    return means;
  }
}
