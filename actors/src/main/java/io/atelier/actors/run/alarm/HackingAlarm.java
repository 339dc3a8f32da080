package io.atelier.actors.run.alarm;

import io.atelier.reward.metrics.Correlation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether, as of the last evaluation, the reward rises while measurements that no reward sees get
 * worse. In addition to {@link Hacking#herding}, which compares two evaluations for every reward,
 * it looks at the sum of the rewards over several evaluations.
 */
final class HackingAlarm {

  /** Evaluations whose ranks are compared with those of the reward. */
  static final int LAST = 5;

  /** Fewest evaluations; ranks of fewer agree by chance. */
  static final int FEWEST = 4;

  /**
   * Rank correlation from which the two count as correlated: four values with one swap of
   * neighbours have 0.8.
   */
  static final double TOGETHER = 0.75;

  /** Increase of the KID, as a share of its best value, for which one comparison is enough. */
  static final double MUCH = 0.25;

  private static final String REWARD = "reward/total";

  /**
   * A measurement of the images.
   *
   * @param worse 1 if higher is worse, -1 if lower is worse
   * @param least smallest change that cannot be noise between evaluations of the same weights
   * @param format format of its value in the text
   */
  private record Measure(String key, String name, int worse, double least, String format) {}

  private static final List<Measure> MEASURES =
      List.of(
          new Measure(Hacking.KID, "KID", 1, Hacking.WORSE, "%.0f"),
          new Measure(
              "retrievalTop1", "the share of images that show their concept", -1, 0.1, "%.2f"),
          new Measure(Hacking.STYLE, "the style share", -1, 0.1, "%.2f"));

  private HackingAlarm() {}

  /** The text for a person; empty if rewards and images do not diverge. */
  static Optional<String> of(RunCurves curves) {
    if (curves.evaluations().size() < 2) {
      return Optional.empty();
    }
    int last = curves.evaluations().lastKey();
    Optional<String> herding =
        Hacking.herding(curves, last).flatMap(flag -> flag).map(Hacking.Herding::text);
    return herding
        .or(() -> sinceBest(curves, last))
        .or(() -> MEASURES.stream().flatMap(m -> trend(curves, m).stream()).findFirst());
  }

  /** Whether the KID was far better before, when the reward was lower. */
  private static Optional<String> sinceBest(RunCurves curves, int last) {
    int best = last;
    for (Map.Entry<Integer, Map<String, Double>> line : curves.evaluations().entrySet()) {
      double kid = line.getValue().getOrDefault(Hacking.KID, Double.POSITIVE_INFINITY);
      if (kid
          < curves.evaluations().get(best).getOrDefault(Hacking.KID, Double.NEGATIVE_INFINITY)) {
        best = line.getKey();
      }
    }
    OptionalDouble before = curves.mean(REWARD, best);
    OptionalDouble now = curves.mean(REWARD, last);
    if (best == last || before.isEmpty() || now.isEmpty()) {
      return Optional.empty();
    }
    double from = curves.evaluations().get(best).get(Hacking.KID);
    double to = curves.evaluations().get(last).get(Hacking.KID);
    return now.getAsDouble() > before.getAsDouble()
            && to - from > Math.max(Hacking.WORSE, MUCH * from)
        ? Optional.of(
            text(
                "since step %d, where KID was best, the reward rose from %.3f to %.3f, while KID got"
                    + " worse from %.0f to %.0f: the policy may have learned to please its reward;"
                    + " the checkpoints near step %d are the better ones",
                best, before.getAsDouble(), now.getAsDouble(), from, to, best))
        : Optional.empty();
  }

  /** Whether the images get worse as the reward rises, over the last evaluations. */
  private static Optional<String> trend(RunCurves curves, Measure measure) {
    List<Integer> at =
        curves.evaluations().keySet().stream()
            .filter(step -> curves.evaluations().get(step).containsKey(measure.key()))
            .filter(step -> curves.mean(REWARD, step).isPresent())
            .toList();
    at = at.subList(Math.max(0, at.size() - LAST), at.size());
    if (at.size() < FEWEST) {
      return Optional.empty();
    }
    double[] rewards =
        at.stream().mapToDouble(step -> curves.mean(REWARD, step).getAsDouble()).toArray();
    double[] measured =
        at.stream()
            .mapToDouble(step -> curves.evaluations().get(step).get(measure.key()))
            .toArray();
    int end = at.size() - 1;
    double together = measure.worse() * Correlation.spearman(rewards, measured).orElse(0);
    boolean parts =
        rewards[end] > rewards[0]
            && measure.worse() * (measured[end] - measured[0]) > measure.least()
            && together >= TOGETHER;
    return parts
        ? Optional.of(
            text(
                "over the last %d evaluations the reward rose from %.3f to %.3f, and %s went from "
                    + measure.format()
                    + " to "
                    + measure.format()
                    + " with it (rank correlation %.2f): the policy may have learned to please its"
                    + " reward",
                at.size(),
                rewards[0],
                rewards[end],
                measure.name(),
                measured[0],
                measured[end],
                measure.worse() * together))
        : Optional.empty();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
