package io.atelier.actors.run.record;

import io.atelier.actors.report.StepReport;
import io.atelier.actors.run.alarm.FlatGroups;
import io.atelier.actors.run.alarm.RunCurves;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Builds the lines of {@code metrics.jsonl}; all lines of a run have the same keys. */
final class StepMetrics {
  private final boolean compares;
  private final FlatGroups flat;

  /**
   * @param compares as in {@link RecorderPlan}
   * @param curves of the run so far
   */
  StepMetrics(boolean compares, RunCurves curves) {
    this.compares = compares;
    this.flat = new FlatGroups(curves);
  }

  /**
   * The line of a step.
   *
   * @param elapsed seconds since the run began
   * @param time milliseconds since 1970
   */
  Map<String, Object> line(StepReport report, double elapsed, long time) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", report.step() + 1);
    line.put("policy", report.policyVersion());
    line.put("critic", report.criticVersion());
    line.putAll(new TreeMap<>(report.metrics()));
    if (compares) {
      double share = report.metrics().getOrDefault("reward/zero-variance", Double.NaN);
      line.put("flat-steps", flat.step(share));
    }
    int groups = report.lags().values().stream().mapToInt(Integer::intValue).sum();
    double lags =
        report.lags().entrySet().stream()
            .mapToDouble(e -> (double) e.getKey() * e.getValue())
            .sum();
    line.put("lag/mean", lags / Math.max(1, groups));
    line.put("lag/max", report.lags().isEmpty() ? 0 : report.lags().lastKey());
    new TreeMap<>(report.idle()).forEach((role, share) -> line.put("idle/" + role, share));
    line.put("images", report.images());
    line.put("images-per-second", report.images() / Math.max(1e-9, report.seconds()));
    line.put("groups/admitted", report.counts().admitted());
    line.put("groups/trained", report.counts().trained());
    line.put("groups/dropped", report.counts().dropped());
    line.put("groups/open", report.counts().open());
    line.put("seconds", report.seconds());
    line.put("elapsed", elapsed);
    line.put("time", time);
    return line;
  }

  /** The values of a line that are plotted over its step. */
  static Map<String, Double> curves(Map<String, Object> line) {
    Map<String, Double> curves = new TreeMap<>();
    line.forEach(
        (key, value) -> {
          if (value instanceof Number number && !key.equals("step") && !key.equals("time")) {
            curves.put(key, number.doubleValue());
          }
        });
    return curves;
  }
}
