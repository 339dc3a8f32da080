package io.atelier.actors.api.offline;

import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.learner.loss.PlaceConfig;
import io.atelier.learner.loss.PlaceCredit;
import io.atelier.rollout.PlaceGrid;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Recomputes, from the scores of places in a ledger, what a run added to the advantages of places.
 */
final class RecordedPlaces {
  private final PlaceConfig config;
  private final int height;
  private final int width;

  /** Whether an earlier step has them: older programs wrote none, up to some step. */
  private boolean recorded;

  /**
   * @param height rows of an image in pixels; its latents have no more
   * @param width columns of an image in pixels
   */
  RecordedPlaces(PlaceConfig config, int height, int width) {
    this.config = config;
    this.height = height;
    this.width = width;
  }

  /** Why what places add cannot be recomputed; empty if it can, or nothing is added. */
  String unknown(List<LedgerEntry.Rewarded> groups) {
    if (config.contrasts()) {
      return "it is made of the steps of the sampler, which are not recorded";
    }
    recorded |= groups.stream().anyMatch(group -> group.places() != null);
    return config.needsScores() && !recorded ? "it is not recorded" : "";
  }

  /** Problems of a step whose groups are complete otherwise; none if they cannot be checked. */
  List<String> problems(int step, List<LedgerEntry.Rewarded> groups) {
    List<String> problems = new ArrayList<>();
    for (LedgerEntry.Rewarded group : groups) {
      int wanted = config.needsScores() ? group.rewards().size() * PlaceGrid.COUNT : 0;
      LedgerEntry.Places places = group.places();
      int scores = places == null ? 0 : places.scores().size();
      int added = places == null ? 0 : places.added().size();
      if (scores != wanted || added != wanted) {
        problems.add(
            "group %s in step %d has %d scores of places and %d numbers that they add, not %d"
                .formatted(group.id(), step, scores, added, wanted));
      }
    }
    if (!config.needsScores() || !problems.isEmpty()) {
      return problems;
    }
    LedgerEntry.Places first = groups.get(0).places();
    for (LedgerEntry.Rewarded group : groups) {
      LedgerEntry.Places own = group.places();
      if (own.rows() != first.rows() || own.columns() != first.columns()) {
        problems.add(
            "group %s in step %d has latents of %d x %d cells, the first of its step %d x %d"
                .formatted(
                    group.id(), step, own.rows(), own.columns(), first.rows(), first.columns()));
      }
    }
    if (first.rows() > height || first.columns() > width) {
      problems.add(
          "group %s in step %d has latents of %d x %d cells, more than the %d x %d pixels of an image"
              .formatted(groups.get(0).id(), step, first.rows(), first.columns(), height, width));
    }
    return problems.isEmpty() ? different(step, groups) : problems;
  }

  private List<String> different(int step, List<LedgerEntry.Rewarded> groups) {
    double[] scores =
        groups.stream()
            .flatMap(group -> group.places().scores().stream())
            .mapToDouble(Float::doubleValue)
            .toArray();
    LedgerEntry.Places shape = groups.get(0).places();
    double[] made = PlaceCredit.ofScores(scores, shape.rows(), shape.columns(), config.alpha());
    List<String> problems = new ArrayList<>();
    int next = 0;
    for (LedgerEntry.Rewarded group : groups) {
      List<Double> told = group.places().added();
      for (int i = 0; i < told.size(); i++, next++) {
        if (!Objects.equals(told.get(i), made[next])) {
          problems.add(
              "place %d of image %d of group %s in step %d adds %s, but its score gives %s"
                  .formatted(
                      i % PlaceGrid.COUNT,
                      i / PlaceGrid.COUNT,
                      group.id(),
                      step,
                      told.get(i),
                      made[next]));
        }
      }
    }
    return problems;
  }
}
