package io.atelier.actors.conductor;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.report.CriticMeasurements;
import io.atelier.actors.report.RewardTotals;
import io.atelier.actors.report.StepReport;
import io.atelier.reward.metrics.Correlation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/** Puts together what is told about a step: rewards, lags, and who computed for how long. */
public final class StepReports {
  private final Map<String, Long> busy = new HashMap<>();
  private final Map<String, Long> loading = new HashMap<>();
  private final Map<String, Double> learners = new HashMap<>();
  private long since;

  /**
   * @param start when the run began, in nanoseconds
   */
  StepReports(long start) {
    this.since = start;
  }

  void worked(String role, Span span) {
    add(busy, role, span);
  }

  /** A worker stood still for its weights. */
  void loaded(String role, Span span) {
    add(loading, role, span);
  }

  private void add(Map<String, Long> nanos, String role, Span span) {
    nanos.merge(role, Math.max(0, span.end() - Math.max(span.start(), since)), Long::sum);
  }

  void learned(String role, Map<String, Double> metrics, Span span) {
    worked(role, span);
    learners.putAll(metrics);
  }

  /**
   * The report of a step that is trained.
   *
   * @param workers number of workers by role, for idle shares
   */
  StepReport finish(Effect.StepDone done, long now, Map<String, Integer> workers) {
    Map<String, Double> metrics = new TreeMap<>(rewards(done.groups()));
    int flats = done.groups().stream().mapToInt(TrainingGroup::flats).sum();
    if (flats > 0) {
      metrics.put("reward/replaced-groups", (double) flats);
    }
    metrics.putAll(learners); // with a reward graph only the learner knows the rewards
    agreement(done.groups(), learners)
        .ifPresent(agreement -> metrics.put("critic/agreement", agreement));
    SortedMap<Integer, Integer> lags = new TreeMap<>();
    int images = 0;
    for (TrainingGroup group : done.groups()) {
      lags.merge((int) (done.step() - group.generation().version()), 1, Integer::sum);
      images += group.scoring().scores().total().length;
    }
    Map<String, Double> idle = new TreeMap<>();
    long window = Math.max(1, now - since);
    workers.forEach(
        (role, count) -> {
          double all = (double) window * Math.max(1, count);
          double share = busy.getOrDefault(role, 0L) / all;
          idle.put(role, Math.max(0, Math.min(1, 1 - share)));
          if (loading.containsKey(role)) {
            metrics.put("load/" + role, Math.min(1, loading.get(role) / all));
          }
        });
    StepReport report =
        new StepReport(
            done.step(),
            done.step() + 1L,
            done.policyHash(),
            done.criticVersion(),
            done.criticHash(),
            metrics,
            lags,
            idle,
            done.counts(),
            images,
            window / 1e9);
    busy.clear();
    loading.clear();
    learners.clear();
    since = now;
    return report;
  }

  /** Of several critics; those that report are all there are. */
  static OptionalDouble agreement(List<TrainingGroup> groups, Map<String, Double> learners) {
    return Correlation.agreement(
        groups.stream().map(group -> group.scoring().scores().parts()).toList(),
        List.copyOf(CriticMeasurements.of(learners, "reward-reference").keySet()));
  }

  /** Means over all images of a step, and the share of groups that teach nothing. */
  static Map<String, Double> rewards(List<TrainingGroup> groups) {
    Map<String, double[]> sums = new TreeMap<>();
    for (TrainingGroup group : groups) {
      group
          .scoring()
          .scores()
          .parts()
          .forEach((name, part) -> RewardTotals.add(sums, "reward/" + name, part));
    }
    Map<String, Double> means = RewardTotals.means(sums);
    means.putAll(RewardTotals.of(groups.stream().map(g -> g.scoring().scores().total()).toList()));
    return means;
  }
}
