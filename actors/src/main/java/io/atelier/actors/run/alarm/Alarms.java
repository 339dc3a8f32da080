package io.atelier.actors.run.alarm;

import io.atelier.actors.report.CriticMeasurements;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoublePredicate;

/**
 * What a person should know first about a run, as of its last step: signs that it learns the wrong
 * thing, learns nothing, or makes no progress. Silent for a healthy run. Pure.
 */
public final class Alarms {

  /** Steps in a row for which a condition must hold, so that it is not chance. */
  static final int STEPS = 10;

  /** With a critic accuracy above this, the policy has nothing to gain. */
  static final double TOO_GOOD = 0.95;

  /** A critic accuracy below this says little; 0.5 is chance. */
  static final double TOO_BAD = 0.55;

  /** Share of groups from which nothing is learned. */
  static final double FLAT = 0.5;

  /** Steps in a row with flat groups only, so that it is not chance. */
  static final int ALL_FLAT = 3;

  /** The names of all alarms. */
  public static final List<String> NAMES =
      List.of(
          "hacking",
          "diversity",
          "critic-too-good",
          "critic-too-bad",
          "flat-groups",
          "no-progress",
          "lag",
          "slow",
          "dropped-groups");

  /** Remaining share of the base's diversity after a loss of a third. */
  static final double LEFT = 2.0 / 3;

  /** Remaining share that is too little whatever else got better. */
  static final double HARDLY_LEFT = 0.25;

  private static final String DIVERSITY = "diversity";
  private static final String ZERO_VARIANCE = "reward/zero-variance";

  /** How severe an alarm is. */
  public enum Severity {
    /** What the run learns may be worthless. */
    ALARM,
    /** It costs time or should be looked at. */
    WARNING
  }

  /**
   * One alarm.
   *
   * @param name one of {@link #NAMES}, for scripts
   * @param about the critic, if there are several; empty where a run can have only one such alarm
   * @param step steps trained when it was raised
   * @param text a sentence with the figures behind it
   */
  public record Alarm(String name, String about, Severity severity, int step, String text) {

    private Alarm about(String critic) {
      return new Alarm(name, critic, severity, step, text);
    }
  }

  /**
   * The course of a run.
   *
   * @param phases mean seconds that a group spent in each phase, by step; may be empty
   * @param lagLimit most versions that a group may be behind where timing decides the lag, as in a
   *     free-running schedule; empty otherwise
   * @param waited seconds since a step or an evaluation ended, if the run is running; empty
   *     otherwise
   */
  public record Course(
      RunCurves curves,
      SortedMap<Integer, Map<String, Double>> phases,
      OptionalInt lagLimit,
      OptionalDouble waited) {

    /** For a run that is over, of which only the curves are known. */
    public static Course of(RunCurves curves) {
      return new Course(curves, new TreeMap<>(), OptionalInt.empty(), OptionalDouble.empty());
    }
  }

  private Alarms() {}

  /** All alarms that are raised, the worst first. */
  public static List<Alarm> of(Course course) {
    RunCurves curves = course.curves();
    List<Alarm> raised = new ArrayList<>();
    HackingAlarm.of(curves)
        .ifPresent(text -> raised.add(alarm("hacking", curves.evaluations().lastKey(), text)));
    diversity(curves).ifPresent(raised::add);
    critics(curves, raised);
    flat(curves).ifPresent(raised::add);
    raised.addAll(Pace.alarms(course));
    return List.copyOf(raised);
  }

  /**
   * What a run without alarms spends its time on: one sentence that names the bottleneck; empty if
   * too little is known, or there is an alarm.
   */
  public static Optional<String> hint(Course course) {
    return of(course).isEmpty() ? Pace.hint(course) : Optional.empty();
  }

  static Alarm alarm(String name, int step, String format, Object... values) {
    return new Alarm(name, "", Severity.ALARM, step, text(format, values));
  }

  static Alarm warning(String name, int step, String format, Object... values) {
    return new Alarm(name, "", Severity.WARNING, step, text(format, values));
  }

  static String text(String format, Object... values) {
    return values.length == 0 ? format : String.format(Locale.ROOT, format, values);
  }

  /**
   * Images that get closer to the references also get more alike: a default run loses a third to a
   * half of the diversity. So a third only counts where KID did not improve.
   */
  private static Optional<Alarm> diversity(RunCurves curves) {
    if (curves.evaluations().size() < 2) {
      return Optional.empty();
    }
    int from = curves.evaluations().firstKey();
    int to = curves.evaluations().lastKey();
    Map<String, Double> first = curves.evaluations().get(from);
    Map<String, Double> last = curves.evaluations().get(to);
    double left =
        last.getOrDefault(DIVERSITY, Double.NaN) / first.getOrDefault(DIVERSITY, Double.NaN);
    boolean nearer =
        first.getOrDefault(Hacking.KID, Double.NaN) - last.getOrDefault(Hacking.KID, Double.NaN)
            > Hacking.WORSE;
    boolean lost = left < LEFT && !nearer || left < HARDLY_LEFT;
    return lost
        ? Optional.of(
            alarm(
                "diversity",
                to,
                "diversity within a prompt fell from %.3f at step %d to %.3f, by %.0f%%%s: the"
                    + " policy keeps drawing the same images; stop earlier, or keep it near the base"
                    + " by learner.kl-weight",
                first.get(DIVERSITY),
                from,
                last.get(DIVERSITY),
                100 * (1 - left),
                nearer ? "" : ", and the images came no nearer to the references"))
        : Optional.empty();
  }

  private static void critics(RunCurves curves, List<Alarm> raised) {
    if (curves.steps().isEmpty()) {
      return;
    }
    int step = curves.trained();
    CriticMeasurements.of(curves.steps().get(step), "accuracy")
        .forEach(
            (name, accuracy) -> {
              if (lasts(curves, name, share -> share > TOO_GOOD)) {
                raised.add(
                    warning(
                            "critic-too-good",
                            step,
                            "the accuracy of critic %s was above %.0f%% in each of the last %d"
                                + " steps (%.1f%% now): its reward says little about which image is"
                                + " better; make it learn less by critic.head-steps or"
                                + " critic.learning-rate",
                            name,
                            100 * TOO_GOOD,
                            STEPS,
                            100 * accuracy)
                        .about(name));
              } else if (lasts(curves, name, share -> share < TOO_BAD)) {
                raised.add(
                    warning(
                            "critic-too-bad",
                            step,
                            "the accuracy of critic %s was below %.0f%% in each of the last %d"
                                + " steps (%.1f%% now, 50%% is chance): its reward is mostly noise;"
                                + " make it learn more by critic.head-steps or"
                                + " critic.learning-rate",
                            name,
                            100 * TOO_BAD,
                            STEPS,
                            100 * accuracy)
                        .about(name));
              }
            });
  }

  private static boolean lasts(RunCurves curves, String critic, DoublePredicate holds) {
    List<Map<String, Double>> last = Pace.last(curves.steps(), STEPS);
    return last.size() == STEPS
        && last.stream()
            .map(line -> CriticMeasurements.of(line, "accuracy").get(critic))
            .allMatch(share -> share != null && holds.test(share));
  }

  /** A step without the count is of a run that learns from flat groups like from others. */
  private static Optional<Alarm> flat(RunCurves curves) {
    int step = curves.trained();
    double running = curves.steps().getOrDefault(step, Map.of()).getOrDefault(FlatGroups.KEY, -1.0);
    if (running >= ALL_FLAT) {
      return Optional.of(
          alarm(
              "flat-groups",
              step,
              "in %.0f steps in a row all images of every group had the same reward: the policy"
                  + " learns nothing; look at the images and at the reward, or raise"
                  + " rollout.group-size or rollout.noise-level",
              running));
    }
    OptionalDouble share = curves.mean(ZERO_VARIANCE, step);
    if (running < 0 || step < RunCurves.MEAN_OF || share.isEmpty() || share.getAsDouble() < FLAT) {
      return Optional.empty();
    }
    return Optional.of(
        alarm(
            "flat-groups",
            step,
            "in %.0f%% of the groups of the last %d steps all images had the same reward: nothing"
                + " is learned from them; look at the images and at the reward, or raise"
                + " rollout.group-size or rollout.noise-level, or set learner.flat-groups=replace",
            100 * share.getAsDouble(),
            RunCurves.MEAN_OF));
  }
}
