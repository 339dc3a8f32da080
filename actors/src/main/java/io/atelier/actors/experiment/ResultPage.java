package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The results of an experiment, in Markdown: how it was made, what the evaluations measured, and
 * each threshold with its verdict.
 *
 * @param experiment that was made
 * @param results of its runs
 */
public record ResultPage(Experiment experiment, Results results) {

  /**
   * How runs were made.
   *
   * @param machine its processors; earlier runs may be from other machines
   * @param program name and version of it
   * @param parallel runs at a time
   */
  public record Made(String machine, String program, int parallel) {}

  /** Columns: measures of evaluations, with their titles. */
  private static final Map<String, String> COLUMNS = columns();

  private static final String TIME = "time";
  private static final String ELAPSED = "elapsed";

  private static Map<String, String> columns() {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("styleShare", "style share");
    columns.put("kidReference", "KID");
    columns.put("retrievalTop1", "retrieval");
    columns.put("diversity", "diversity");
    return columns;
  }

  /** Returns the heading, by which its section is found again in a file. */
  static String heading(String name) {
    return "## " + name;
  }

  /** Returns a chart of the curves; empty if there are none. */
  String chart() {
    Map<String, List<RunCurves>> runs = new LinkedHashMap<>();
    experiment.arms().forEach(arm -> runs.put(arm.name(), results.done(arm.name())));
    return CourseChart.of(runs);
  }

  /**
   * @param chart path of the chart, relative to the page; empty if there is none
   */
  List<String> lines(Made made, String chart) {
    Set<String> machines = results.machines();
    List<String> lines = new ArrayList<>();
    lines.add(heading(experiment.name()));
    lines.add("");
    lines.add(experiment.question());
    lines.add("");
    lines.add(
        "`%s`: %s, %s; %d at a time%s"
            .formatted(
                command(),
                machines.isEmpty() ? made.machine() : String.join("; ", machines),
                made.program(),
                made.parallel(),
                day()));
    lines.add("");
    table(lines);
    if (!chart.isEmpty()) {
      lines.add("");
      lines.add("![%s](%s)".formatted(experiment.name(), chart));
    }
    lines.add("");
    lines.add("| expected before the runs | measured | |");
    lines.add("|---|---|---|");
    for (Threshold threshold : experiment.thresholds()) {
      Threshold.Verdict verdict = threshold.judge(results);
      lines.add(
          "| %s | %s | **%s** |".formatted(threshold.says(), verdict.figure(), verdict.outcome()));
    }
    failures(lines);
    lines.add("");
    return lines;
  }

  /** Returns the command that makes the runs, without paths. */
  private String command() {
    String name = experiment.name();
    return "./atelier experiment %s --seeds %s"
        .formatted(
            Experiments.names().contains(name) ? name : name + ".conf",
            results.seeds().stream().map(Long::toUnsignedString).collect(Collectors.joining(",")));
  }

  /** Returns the day on which the last run ended. */
  private String day() {
    return experiment.arms().stream()
        .flatMap(arm -> results.done(arm.name()).stream())
        .flatMap(run -> run.steps().values().stream())
        .filter(line -> line.containsKey(TIME))
        .map(line -> line.get(TIME).longValue())
        .max(Long::compare)
        .map(time -> ", " + Instant.ofEpochMilli(time).atZone(ZoneOffset.UTC).toLocalDate())
        .orElse("");
  }

  /**
   * Returns the usual columns, and one for each other final value that a threshold reads, under its
   * name.
   */
  private Map<String, String> shown() {
    Map<String, String> shown = new LinkedHashMap<>(COLUMNS);
    experiment.thresholds().stream()
        .flatMap(threshold -> threshold.rule().stream())
        .flatMap(rule -> rule.quantities().stream())
        .filter(quantity -> quantity.until().isEmpty())
        .forEach(quantity -> shown.putIfAbsent(quantity.of(), quantity.of()));
    List<RunCurves> done =
        experiment.arms().stream().flatMap(arm -> results.done(arm.name()).stream()).toList();
    shown
        .keySet()
        .removeIf(measure -> done.stream().allMatch(run -> atTheEnd(run, measure).isEmpty()));
    return shown;
  }

  private void table(List<String> lines) {
    Map<String, String> shown = shown();
    lines.add("| | seeds | " + String.join(" | ", shown.values()) + " | minutes |");
    lines.add("|---|---" + "|---".repeat(shown.size()) + "|---|");
    bases()
        .forEach(
            (name, lists) ->
                lines.add(
                    "| %s | | %s | |"
                        .formatted(
                            name,
                            shown.keySet().stream()
                                .map(measure -> at(lists, 0, measure))
                                .collect(Collectors.joining(" | ")))));
    for (Arm arm : experiment.arms()) {
      List<RunCurves> runs = results.done(arm.name());
      lines.add(
          "| %s | %s | %s | %s |"
              .formatted(
                  arm.name(),
                  runs.size()
                      + (runs.size() < results.seeds().size()
                          ? " of " + results.seeds().size()
                          : ""),
                  shown.keySet().stream()
                      .map(measure -> atTheEnd(runs, measure))
                      .collect(Collectors.joining(" | ")),
                  minutes(runs)));
    }
  }

  /** Returns the measurements before training, once for all arms in which they are equal. */
  private Map<String, List<RunCurves>> bases() {
    Map<Map<String, Double>, List<String>> names = new LinkedHashMap<>();
    Map<Map<String, Double>, List<RunCurves>> runs = new LinkedHashMap<>();
    for (Arm arm : experiment.arms()) {
      for (RunCurves run :
          arm instanceof Arm.Trained ? results.done(arm.name()) : List.<RunCurves>of()) {
        Map<String, Double> measured = new TreeMap<>(run.evaluations().getOrDefault(0, Map.of()));
        measured.keySet().retainAll(COLUMNS.keySet());
        if (!measured.isEmpty()) {
          List<String> of = names.computeIfAbsent(measured, m -> new ArrayList<>());
          if (!of.contains(arm.name())) {
            of.add(arm.name());
          }
          runs.putIfAbsent(measured, List.of(run));
        }
      }
    }
    Map<String, List<RunCurves>> bases = new LinkedHashMap<>();
    names.forEach(
        (measured, of) ->
            bases.merge(
                names.size() == 1 ? "base" : "base of " + String.join(", ", of),
                runs.get(measured),
                (before, more) -> before));
    return bases;
  }

  private static String atTheEnd(List<RunCurves> runs, String measure) {
    return spread(runs.stream().flatMapToDouble(run -> atTheEnd(run, measure).stream()).toArray());
  }

  private static OptionalDouble atTheEnd(RunCurves run, String measure) {
    Double evaluated = run.evaluations().getOrDefault(run.trained(), Map.of()).get(measure);
    return evaluated == null ? run.mean(measure, run.trained()) : OptionalDouble.of(evaluated);
  }

  private static String at(List<RunCurves> runs, int step, String measure) {
    return spread(
        runs.stream()
            .map(run -> run.evaluations().getOrDefault(step, Map.of()))
            .filter(line -> line.containsKey(measure))
            .mapToDouble(line -> line.get(measure))
            .toArray());
  }

  private static String minutes(List<RunCurves> runs) {
    return spread(
        runs.stream()
            .filter(run -> run.trained() > 0)
            .map(run -> run.steps().get(run.trained()))
            .filter(line -> line.containsKey(ELAPSED))
            .mapToDouble(line -> line.get(ELAPSED) / 60)
            .toArray());
  }

  /** Formats the mean, and with two seeds or more the sample standard deviation. */
  static String spread(double[] values) {
    if (values.length == 0) {
      return "–";
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    if (values.length == 1) {
      return Reading.text(mean);
    }
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return String.format(
        Locale.ROOT,
        "%s ± %s",
        Reading.text(mean),
        Reading.text(Math.sqrt(squares / (values.length - 1))));
  }

  private void failures(List<String> lines) {
    List<String> failed = new ArrayList<>();
    for (Arm arm : experiment.arms()) {
      for (long seed : results.seeds()) {
        Results.Run run = results.runs().get(arm.name()).get(seed);
        if (run.curves().isEmpty()) {
          failed.add(
              "- %s, seed %s: %s".formatted(arm.name(), Long.toUnsignedString(seed), run.why()));
        }
      }
    }
    if (!failed.isEmpty()) {
      lines.add("");
      lines.add("Runs that are not done:");
      lines.add("");
      lines.addAll(failed);
    }
  }
}
