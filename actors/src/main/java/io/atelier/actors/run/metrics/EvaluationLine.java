package io.atelier.actors.run.metrics;

import io.atelier.actors.report.EvaluationReport;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The line that the terminal shows for an evaluation. */
public final class EvaluationLine {

  private EvaluationLine() {}

  public static String of(EvaluationReport report, MeasuredPrompts prompts) {
    StringJoiner line = new StringJoiner("  ");
    line.add(
        report.step() == 0
            ? "%s, the base:".formatted(prompts.text())
            : String.format(Locale.ROOT, "%s, step %d:", prompts.text(), report.step()));
    Map<String, Double> metrics = report.result().metrics();
    add(line, metrics, "styleShare", "style share %.2f");
    add(line, metrics, "kidReference", "KID %.0f");
    add(line, metrics, "retrievalTop1", "retrieval %.2f");
    add(line, metrics, "diversity", "diversity %.2f");
    line.add(String.format(Locale.ROOT, "(%.0f s)", report.seconds()));
    return line.toString();
  }

  private static void add(
      StringJoiner line, Map<String, Double> metrics, String key, String format) {
    Double value = metrics.get(key);
    if (value != null && Double.isFinite(value)) {
      line.add(String.format(Locale.ROOT, format, value));
    }
  }
}
