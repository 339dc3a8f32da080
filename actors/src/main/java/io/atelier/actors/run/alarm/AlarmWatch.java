package io.atelier.actors.run.alarm;

import io.atelier.actors.port.Clock;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.alarm.Alarms.Course;
import io.atelier.actors.run.metrics.GroupFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the {@link Alarms} of a running run: once when one is raised, and again when its severity
 * changes or it is cleared. A failure to compute the alarms is reported too, and never affects the
 * run. Thread-safe.
 */
public final class AlarmWatch {

  private static final Logger LOG = LoggerFactory.getLogger(AlarmWatch.class);

  /** Steps whose phases are compared with each other. */
  private static final int STEPS = 60;

  private record Subject(String name, String about) {
    private static Subject of(Alarm alarm) {
      return new Subject(alarm.name(), alarm.about());
    }

    private String text() {
      return about.isEmpty() ? name : name + " of " + about;
    }
  }

  /** Seconds by phase, summed over the groups of a step. */
  private record Parts(int groups, Map<String, Double> seconds) {}

  private final RunCurves curves;
  private final OptionalInt lagLimit;
  private final Clock clock;
  private final Consumer<String> say;
  private final Function<Course, List<Alarm>> alarms;
  private final SortedMap<Integer, Parts> parts = new TreeMap<>();
  private Map<Subject, Alarm> raised = new LinkedHashMap<>();
  private List<Alarm> found = List.of();
  private boolean paused;
  private boolean begun;
  private boolean failing;
  private long sinceNanos;

  /**
   * @param curves of the run so far; new steps and evaluations are added to them
   * @param lagLimit as in {@link Course}
   * @param paused whether the run starts paused
   * @param say prints a line for the user
   * @param alarms computes them
   */
  public AlarmWatch(
      RunCurves curves,
      OptionalInt lagLimit,
      boolean paused,
      Clock clock,
      Consumer<String> say,
      Function<Course, List<Alarm>> alarms) {
    this.curves = curves;
    this.lagLimit = lagLimit;
    this.paused = paused;
    this.clock = clock;
    this.say = say;
    this.alarms = alarms;
  }

  /** The run starts working. */
  public synchronized void begun() {
    begun = true;
    sinceNanos = clock.nanos();
  }

  public synchronized void paused(boolean pause) {
    paused = pause;
    sinceNanos = clock.nanos();
  }

  /** No more steps are expected. */
  public synchronized void stopping() {
    begun = false;
  }

  public synchronized void group(TrainedGroup group) {
    Map<String, Double> seconds = GroupFile.seconds(group.trace());
    parts.merge(
        group.trace().step() + 1,
        new Parts(1, seconds),
        (one, other) -> {
          other.seconds().forEach((part, time) -> one.seconds().merge(part, time, Double::sum));
          return new Parts(one.groups() + 1, one.seconds());
        });
    while (parts.size() > STEPS) {
      parts.remove(parts.firstKey());
    }
  }

  /** A step has been trained. */
  public synchronized void step(Map<String, Object> line) {
    begun = true;
    curves.steps().putAll(RunCurves.curves(List.of(line)));
    changed();
  }

  /** An evaluation has finished. */
  public synchronized void evaluation(Map<String, Object> line) {
    curves.evaluations().putAll(RunCurves.curves(List.of(line)));
    changed();
  }

  private void changed() {
    sinceNanos = clock.nanos();
    look(
        () -> {
          found = alarms.apply(course());
          return found;
        });
  }

  /** Checks again as time passes; only the standstill alarm depends on time. */
  public synchronized void beat() {
    look(
        () -> {
          List<Alarm> all = new ArrayList<>(found);
          Pace.standstill(course()).ifPresent(all::add);
          return all;
        });
  }

  /** The alarms that are raised now. */
  public synchronized List<Alarm> raised() {
    return List.copyOf(raised.values());
  }

  private Course course() {
    SortedMap<Integer, Map<String, Double>> phases = new TreeMap<>();
    parts.forEach(
        (step, sums) -> {
          Map<String, Double> means = new TreeMap<>();
          sums.seconds().forEach((part, sum) -> means.put(part, sum / sums.groups()));
          phases.put(step, means);
        });
    OptionalDouble waited =
        begun && !paused
            ? OptionalDouble.of((clock.nanos() - sinceNanos) / 1e9)
            : OptionalDouble.empty();
    return new Course(curves, phases, lagLimit, waited);
  }

  private void look(Supplier<List<Alarm>> finder) {
    List<Alarm> all;
    try {
      all = finder.get();
      failing = false;
    } catch (RuntimeException e) {
      if (!failing) {
        failing = true;
        LOG.warn("the alarms of the run cannot be computed", e);
        say.accept("WARNING: the alarms of this run cannot be computed now: " + e);
      }
      return;
    }
    Map<Subject, Alarm> now = new LinkedHashMap<>();
    all.forEach(alarm -> now.put(Subject.of(alarm), alarm));
    Map<Subject, Alarm> before = raised;
    raised = now;
    before.forEach(
        (subject, alarm) -> {
          if (!now.containsKey(subject)) {
            say.accept("cleared after step %d: %s".formatted(curves.trained(), subject.text()));
          }
        });
    now.forEach(
        (subject, alarm) -> {
          Alarm known = before.get(subject);
          if (known == null || known.severity() != alarm.severity()) {
            say.accept("%s %s: %s".formatted(alarm.severity(), alarm.name(), alarm.text()));
          }
        });
  }
}
