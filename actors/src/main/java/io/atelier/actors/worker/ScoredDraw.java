package io.atelier.actors.worker;

import io.atelier.actors.codec.DrawnGroup;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.GroupScorer;
import io.atelier.reward.PlaceLogits;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What came of scoring a group and its completions with one critic version.
 *
 * @param outcome scores of the group, or why there are none of it or of a completion
 * @param potentials scores of each completion, if there are those of the group
 * @param features of the group, for a critic to learn from; nobody has those of completions
 * @param places of the group, what discriminators thought of them
 */
record ScoredDraw(
    Reward.Outcome outcome,
    List<Reward.Scored> potentials,
    Optional<GroupFeatures> features,
    SortedMap<String, SortedMap<String, PlaceLogits>> places) {

  /**
   * @param encoded run when the images of the group have passed through the encoder
   */
  static ScoredDraw of(GroupScorer scorer, DrawnGroup drawn, Runnable encoded) {
    GroupScorer.Result result = scorer.score(drawn.group(), encoded);
    if (!(result.outcome() instanceof Reward.Scored scores)) {
      return none(result.outcome());
    }
    requireOnePerImage(scores, drawn.group());
    List<Reward.Scored> potentials = new ArrayList<>();
    for (int t = 0; t < drawn.completions().size(); t++) {
      ImageGroup completion = drawn.completion(t);
      Reward.Outcome outcome = scorer.score(completion, () -> {}).outcome();
      if (!(outcome instanceof Reward.Scored potential)) {
        return none(outcome);
      }
      requireOnePerImage(potential, completion);
      if (!potential.parts().keySet().equals(scores.parts().keySet())) {
        return none(
            new Reward.Unscorable(
                "the images have scores of %s, but those of trained step %d without its noise have scores of %s, so that nobody can say what the step is worth; set learner.credit.steps.mode=none, or leave such a reward out"
                    .formatted(scores.parts().keySet(), t + 1, potential.parts().keySet())));
      }
      potentials.add(potential);
    }
    return new ScoredDraw(scores, potentials, result.features(), result.places());
  }

  private static ScoredDraw none(Reward.Outcome why) {
    return new ScoredDraw(why, List.of(), Optional.empty(), Collections.emptySortedMap());
  }

  private static void requireOnePerImage(Reward.Scored scores, ImageGroup group) {
    if (scores.total().length != group.images().count()) {
      throw new IllegalStateException(
          "group %s has %d images, but the reward gave %d scores"
              .formatted(group.id(), group.images().count(), scores.total().length));
    }
  }
}
