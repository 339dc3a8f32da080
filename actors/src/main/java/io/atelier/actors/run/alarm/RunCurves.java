package io.atelier.actors.run.alarm;

import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The curves of a run, running or over, from its files. Only numbers; values that were not measured
 * are left out.
 *
 * @param steps measurements of each step, by the number of steps trained after it, from 1
 * @param evaluations measurements of each evaluation, by the steps that the policy had trained
 */
public record RunCurves(
    SortedMap<Integer, Map<String, Double>> steps,
    SortedMap<Integer, Map<String, Double>> evaluations) {

  /** Steps in a mean: the reward of a single step covers few prompts only. */
  public static final int MEAN_OF = 5;

  private static final String STEP = "step";

  /** Reads what is in the files now. */
  public static RunCurves read(RunFiles files) {
    return new RunCurves(curves(files.metrics()), curves(files.evaluations()));
  }

  private static SortedMap<Integer, Map<String, Double>> curves(Path file) {
    return Files.exists(file) ? curves(JsonLines.read(file)) : new TreeMap<>();
  }

  /** Lines by step; of two lines with the same step the later one counts. */
  static SortedMap<Integer, Map<String, Double>> curves(List<Map<String, Object>> lines) {
    SortedMap<Integer, Map<String, Double>> curves = new TreeMap<>();
    for (Map<String, Object> line : lines) {
      Map<String, Double> numbers = new TreeMap<>();
      line.forEach(
          (name, value) -> {
            if (value instanceof Number number
                && !name.equals(STEP)
                && Double.isFinite(number.doubleValue())) { // others are null in the files
              numbers.put(name, number.doubleValue());
            }
          });
      curves.put(((Number) line.get(STEP)).intValue(), numbers);
    }
    return curves;
  }

  /**
   * Mean of a measurement over the {@link #MEAN_OF} steps up to {@code step}, or for 0 over the
   * first ones of the run; empty if none of them has it.
   */
  public OptionalDouble mean(String name, int step) {
    int to = step == 0 ? MEAN_OF : step;
    return steps.subMap(to - MEAN_OF + 1, to + 1).values().stream()
        .filter(line -> line.containsKey(name))
        .mapToDouble(line -> line.get(name))
        .average();
  }

  /** Steps trained. */
  public int trained() {
    return steps.isEmpty() ? 0 : steps.lastKey();
  }
}
