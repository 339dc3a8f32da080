package io.atelier.actors.experiment;

import io.atelier.actors.run.alarm.RunCurves;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * A value that is read from the run of an arm.
 *
 * @param arm of the run
 * @param of a measure of its evaluations, such as {@code kidReference}, or of its steps, such as
 *     {@code reward/jpeg}; for the latter the mean of five steps is taken, see {@link
 *     RunCurves#mean}
 * @param at after how many steps; empty for the end of the run
 * @param since if given, the change since so many steps
 * @param until if given, how long it takes until the measure of the evaluations is as high as this,
 *     interpolated linearly between evaluations
 * @param in unit of the time with {@code until}
 */
record Quantity(
    String arm,
    String of,
    OptionalInt at,
    OptionalInt since,
    OptionalDouble until,
    Optional<Unit> in) {

  /** Units of time. */
  enum Unit {
    STEPS,
    SECONDS
  }

  private static final String ELAPSED = "elapsed";

  Quantity {
    if (until.isPresent() != in.isPresent()) {
      throw new IllegalArgumentException(
          "until and in go together: until = 0.5, in = steps or seconds");
    }
    if (until.isPresent() && (at.isPresent() || since.isPresent())) {
      throw new IllegalArgumentException("until looks at the whole run; leave out at and since");
    }
  }

  Reading read(RunCurves run) {
    if (until.isPresent()) {
      return reached(run);
    }
    int end = at.orElse(run.trained());
    Reading value = value(run, end);
    if (since.isEmpty() || !(value instanceof Reading.Value now)) {
      return value;
    }
    Reading before = value(run, since.getAsInt());
    return before instanceof Reading.Value then
        ? new Reading.Value(now.value() - then.value())
        : before;
  }

  private boolean isEvaluated(RunCurves run) {
    return run.evaluations().values().stream().anyMatch(line -> line.containsKey(of));
  }

  private Reading value(RunCurves run, int step) {
    OptionalDouble value;
    if (isEvaluated(run)) {
      Double measured = run.evaluations().getOrDefault(step, Map.of()).get(of);
      value = measured == null ? OptionalDouble.empty() : OptionalDouble.of(measured);
    } else {
      value = step > run.trained() ? OptionalDouble.empty() : run.mean(of, step);
    }
    return value.isPresent()
        ? new Reading.Value(value.getAsDouble())
        : new Reading.Missing(missing(run, step));
  }

  private String missing(RunCurves run, int step) {
    TreeSet<String> known = new TreeSet<>();
    run.evaluations().values().forEach(line -> known.addAll(line.keySet()));
    run.steps().values().forEach(line -> known.addAll(line.keySet()));
    return known.contains(of)
        ? "%s of arm %s was not measured at step %d".formatted(of, arm, step)
        : "arm %s measures no %s, only %s".formatted(arm, of, String.join(", ", known));
  }

  private Reading reached(RunCurves run) {
    double wanted = until.getAsDouble();
    if (!isEvaluated(run)) {
      return new Reading.Missing(
          "no evaluation of arm %s measures %s, which until needs".formatted(arm, of));
    }
    int before = -1;
    double below = 0;
    for (Map.Entry<Integer, Map<String, Double>> line : run.evaluations().entrySet()) {
      Double value = line.getValue().get(of);
      if (value == null) {
        continue;
      }
      if (value >= wanted) {
        double part = before < 0 ? 1 : (wanted - below) / (value - below);
        double step = before < 0 ? line.getKey() : before + part * (line.getKey() - before);
        return in.orElseThrow() == Unit.STEPS ? new Reading.Value(step) : seconds(run, step);
      }
      before = line.getKey();
      below = value;
    }
    return new Reading.Never(
        "%s of arm %s did not come to %s".formatted(of, arm, Reading.text(wanted)));
  }

  /** Returns the time since the run began, interpolated linearly between steps. */
  private Reading seconds(RunCurves run, double step) {
    int whole = (int) Math.floor(step);
    SortedMap<Integer, Map<String, Double>> steps = run.steps();
    Double from = whole == 0 ? Double.valueOf(0) : steps.getOrDefault(whole, Map.of()).get(ELAPSED);
    Double to = steps.getOrDefault(whole + 1, Map.of()).get(ELAPSED);
    if (from == null || step > whole && to == null) {
      return new Reading.Missing(
          "the time of step %d of arm %s is not known".formatted(whole, arm));
    }
    return new Reading.Value(step > whole ? from + (step - whole) * (to - from) : from);
  }
}
