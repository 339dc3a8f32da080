package io.atelier.actors.run.metrics;

import io.atelier.actors.report.CriticMeasurements;
import io.atelier.actors.report.StepReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The line that the terminal shows for a step:
 *
 * <pre>step 41  policy 41  critic 40  reward .812 (reference .790)  acc 64%  lag 0/1/2  zero-var 6%
 * idle roll 3% learn 9%  18 img/s  dropped 0  eta 2h10</pre>
 *
 * The reference is the mean reward of reference images under the same critic. If the reward is not
 * the critic's alone, the critic's part follows: {@code reward .912 adversarial .812 (reference
 * .790)}. Several critics appear in the order of their names. Parts that a run does not have are
 * left out.
 */
public final class StepLine {

  private StepLine() {}

  /**
   * @param done steps trained
   * @param secondsPerStep recent mean
   */
  public static String of(StepReport report, int done, int steps, double secondsPerStep) {
    StringBuilder line = new StringBuilder();
    add(line, "step %d", done);
    add(line, "policy %d", report.policyVersion());
    if (!report.criticHash().isEmpty() && report.criticVersion() > 0) {
      add(line, "critic %d", report.criticVersion());
    }
    Map<String, Double> metrics = report.metrics();
    addReward(line, metrics);
    accuracy(metrics).ifPresent(share -> add(line, "acc %s", share));
    add(
        line,
        "lag %s",
        report.lags().keySet().stream().map(String::valueOf).collect(Collectors.joining("/")));
    percent(metrics.get("reward/zero-variance"))
        .ifPresent(share -> add(line, "zero-var %s", share));
    idle(report.idle()).ifPresent(idle -> add(line, "idle %s", idle));
    add(line, "%s img/s", significant(report.images() / Math.max(1e-9, report.seconds())));
    add(line, "dropped %d", report.counts().dropped());
    if (done < steps) {
      add(line, "eta %s", time(secondsPerStep * (steps - done)));
    }
    return line.toString();
  }

  private static Optional<String> accuracy(Map<String, Double> metrics) {
    String shares =
        CriticMeasurements.of(metrics, "accuracy").values().stream()
            .flatMap(share -> percent(share).stream())
            .collect(Collectors.joining("/"));
    return shares.isEmpty() ? Optional.empty() : Optional.of(shares);
  }

  private static void addReward(StringBuilder line, Map<String, Double> metrics) {
    Optional<String> total = number(metrics.get("reward/total"));
    Map<String, Double> references = CriticMeasurements.of(metrics, "reward-reference");
    List<String> learned = new ArrayList<>();
    references.forEach(
        (name, reference) ->
            number(metrics.get("reward/" + name))
                .ifPresent(
                    reward ->
                        learned.add("%s %s%s".formatted(name, reward, inBrackets(reference)))));
    boolean alone =
        references.size() == 1
            && total.equals(number(metrics.get("reward/" + references.keySet().iterator().next())));
    total.ifPresent(
        reward ->
            add(
                line,
                "reward %s%s",
                reward,
                alone ? inBrackets(references.values().iterator().next()) : ""));
    if (!alone) {
      learned.forEach(part -> add(line, "%s", part));
    }
  }

  private static String inBrackets(Double reference) {
    return number(reference).map(" (reference %s)"::formatted).orElse("");
  }

  private static void add(StringBuilder line, String format, Object... values) {
    if (!line.isEmpty()) {
      line.append("  ");
    }
    line.append(String.format(Locale.ROOT, format, values));
  }

  private static Optional<String> idle(Map<String, Double> idle) {
    String text =
        idle.entrySet().stream()
            .filter(role -> !role.getKey().equals("critic"))
            .map(role -> shortName(role.getKey()) + " " + percent(role.getValue()).orElse("?"))
            .collect(Collectors.joining(" "));
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static String shortName(String role) {
    return switch (role) {
      case "rollout" -> "roll";
      case "policy" -> "learn";
      default -> role;
    };
  }

  private static Optional<String> percent(Double share) {
    return share == null || !Double.isFinite(share)
        ? Optional.empty()
        : Optional.of(Math.round(100 * share) + "%");
  }

  private static Optional<String> number(Double value) {
    if (value == null || !Double.isFinite(value)) {
      return Optional.empty();
    }
    String text = String.format(Locale.ROOT, "%.3f", value);
    return Optional.of(text.replaceFirst("^-(0\\.0+)$", "$1").replaceFirst("^(-?)0\\.", "$1."));
  }

  private static String significant(double value) {
    return String.format(Locale.ROOT, value >= 10 ? "%.0f" : "%.1f", value);
  }

  /** A duration in at most two units: {@code 2h10}, {@code 3m05}, {@code 40s}. */
  public static String time(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return String.format(Locale.ROOT, "%dh%02d", time.toHours(), time.toMinutesPart());
    }
    if (time.toMinutes() > 0) {
      return String.format(Locale.ROOT, "%dm%02d", time.toMinutes(), time.toSecondsPart());
    }
    return time.toSeconds() + "s";
  }
}
