package io.atelier.actors.run.alarm;

import static io.atelier.actors.run.alarm.Alarms.STEPS;

import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.alarm.Alarms.Course;
import io.atelier.actors.run.metrics.StepLine;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a run's time goes, and whether it makes progress at all. Pure. */
final class Pace {

  /** Factor over the usual time from which a phase counts as hanging. */
  static final double SLOWER = 6;

  /** Steps that are compared with the median of those before. */
  static final int RECENT = 3;

  /** Share of a step's time that every phase is assumed to take at least. */
  static final double LEAST_SHARE = 0.05;

  /** Seconds on top of steps and evaluations that are no standstill: for a checkpoint, say. */
  static final double GRACE = 60;

  private static final String DROPPED = "groups/dropped";
  private static final String SECONDS = "seconds";

  private Pace() {}

  static List<Alarm> alarms(Course course) {
    return Stream.of(standstill(course), lag(course), slow(course), dropped(course.curves()))
        .flatMap(Optional::stream)
        .toList();
  }

  /** No progress for longer than everything between two lines usually takes. */
  static Optional<Alarm> standstill(Course course) {
    RunCurves curves = course.curves();
    if (course.waited().isEmpty() || curves.steps().isEmpty()) {
      return Optional.empty();
    }
    double step = median(values(last(curves.steps(), STEPS), SECONDS)).orElse(0);
    double evaluation =
        values(curves.evaluations().values(), SECONDS).stream()
            .mapToDouble(Double::doubleValue)
            .max()
            .orElse(0);
    double waited = course.waited().getAsDouble();
    if (waited <= SLOWER * step + evaluation + GRACE) {
      return Optional.empty();
    }
    return Optional.of(
        Alarms.alarm(
            "no-progress",
            curves.trained(),
            "no progress for %s, a step usually takes %s: the log says what is waiting",
            StepLine.time(waited),
            StepLine.time(step)));
  }

  private static Optional<Alarm> lag(Course course) {
    List<Map<String, Double>> last = last(course.curves().steps(), STEPS);
    if (course.lagLimit().isEmpty() || last.size() < STEPS) {
      return Optional.empty();
    }
    int limit = course.lagLimit().getAsInt();
    boolean all = last.stream().allMatch(l -> l.getOrDefault("lag/mean", 0.0) > limit - 0.25);
    if (!all) {
      return Optional.empty();
    }
    return Optional.of(
        Alarms.warning(
            "lag",
            course.curves().trained(),
            "in each of the last %d steps groups were %.1f versions behind or more, where %d is"
                + " the limit: learning is slower than sampling; take fewer rollout workers or a"
                + " smaller schedule.depth",
            STEPS,
            limit - 0.25,
            limit));
  }

  private static Optional<Alarm> slow(Course course) {
    RunCurves curves = course.curves();
    double step = median(values(curves.steps().values(), SECONDS)).orElse(0);
    Optional<Alarm> whole = slow(curves.steps(), SECONDS, "a step", step);
    return whole.isPresent() || course.phases().isEmpty()
        ? whole
        : course.phases().get(course.phases().lastKey()).keySet().stream()
            .flatMap(
                phase -> slow(course.phases(), phase, "to " + phase + " a group", step).stream())
            .findFirst();
  }

  private static Optional<Alarm> slow(
      SortedMap<Integer, Map<String, Double>> lines, String name, String what, double step) {
    List<Map<String, Double>> all = List.copyOf(lines.values());
    if (all.size() < STEPS + RECENT) {
      return Optional.empty();
    }
    int from = all.size() - RECENT;
    List<Double> recent = values(all.subList(from, all.size()), name);
    OptionalDouble usual = median(values(all.subList(0, from), name));
    if (recent.size() < RECENT || usual.isEmpty()) {
      return Optional.empty();
    }
    double least = recent.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    if (least <= SLOWER * Math.max(usual.getAsDouble(), LEAST_SHARE * step)) {
      return Optional.empty();
    }
    return Optional.of(
        Alarms.warning(
            "slow",
            lines.lastKey(),
            "%s took %.1f s or more in the last %d steps, and usually %.1f s (median): check what"
                + " else the machine runs",
            what,
            least,
            RECENT,
            usual.getAsDouble()));
  }

  private static Optional<Alarm> dropped(RunCurves curves) {
    double before = 0;
    int since = 0;
    for (Map.Entry<Integer, Map<String, Double>> line : curves.steps().entrySet()) {
      double now = line.getValue().getOrDefault(DROPPED, 0.0);
      since = now > before ? line.getKey() : since;
      before = now;
    }
    if (before == 0) {
      return Optional.empty();
    }
    double admitted =
        curves.steps().get(curves.trained()).getOrDefault("groups/admitted", Double.NaN);
    return Optional.of(
        Alarms.warning(
            "dropped-groups",
            since,
            "%.0f of %.0f groups were given up, the last before step %d ended: the log says why",
            before,
            admitted,
            since));
  }

  /** The bottleneck, in a sentence; empty if too little is known. */
  static Optional<String> hint(Course course) {
    List<Map<String, Double>> last = last(course.curves().steps(), STEPS);
    if (last.size() < STEPS) {
      return Optional.empty();
    }
    SortedMap<String, Double> idle = new TreeMap<>();
    for (String role : List.of("rollout", "reward", "policy", "critic")) {
      values(last, "idle/" + role).stream()
          .mapToDouble(Double::doubleValue)
          .average()
          .ifPresent(share -> idle.put(role, share));
    }
    if (idle.size() < 2) {
      return Optional.empty();
    }
    List<String> roles = idle.keySet().stream().sorted(Comparator.comparing(idle::get)).toList();
    String busiest = roles.get(0);
    boolean turns = values(last, "lag/max").stream().allMatch(lag -> lag == 0);
    String figures =
        Alarms.text("%s idles %.0f%% of the time", busiest, 100 * idle.get(busiest))
            + roles.stream()
                .skip(1)
                .map(role -> Alarms.text(", %s %.0f%%", role, 100 * idle.get(role)))
                .collect(Collectors.joining());
    if (idle.get(busiest) > 0.25) {
      return Optional.of(
          figures
              + (turns
                  ? ": they take turns; schedule.mode=fixed-lag lets sampling and learning overlap"
                  : ": none of them is the bottleneck"));
    }
    return Optional.of(
        figures
            + switch (busiest) {
              case "rollout" ->
                  ": sampling is the bottleneck; more rollout workers, or fewer"
                      + " rollout.steps, make the run faster";
              case "reward" ->
                  ": scoring is the bottleneck; more reward workers make the run faster";
              case "policy" -> ": learning is the bottleneck; gradient workers make the run faster";
              default ->
                  ": the critic's learning is the bottleneck; fewer critic.head-steps"
                      + " make the run faster";
            });
  }

  /** The last lines, at most {@code count}. */
  static <T> List<T> last(SortedMap<Integer, T> lines, int count) {
    List<T> all = List.copyOf(lines.values());
    return all.subList(Math.max(0, all.size() - count), all.size());
  }

  private static List<Double> values(Collection<Map<String, Double>> lines, String name) {
    return lines.stream().filter(l -> l.containsKey(name)).map(l -> l.get(name)).toList();
  }

  /** The median; the upper of the middle two for an even count. */
  private static OptionalDouble median(List<Double> values) {
    return values.stream()
        .mapToDouble(Double::doubleValue)
        .sorted()
        .skip(values.size() / 2)
        .findFirst();
  }
}
