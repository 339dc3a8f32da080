package io.atelier.reward.adversarial;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.PlaceLogits;
import io.atelier.reward.Reward;
import io.atelier.rollout.ImageGroup;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A reward trained by a {@link Critic}: {@link DiscriminatorReward} or {@link PickScoreReward}.
 * Scores with the weights that were loaded last; encodes a group once, and returns its features to
 * train the critic on.
 */
public interface AdversarialReward extends Reward {

  /** Default name under which the scores are reported. */
  String NAME = "adversarial";

  @Override
  default String name() {
    return NAME;
  }

  /**
   * Scores of a group, and features to train the critic on.
   *
   * @param outcome scores, or why there are none
   * @param features features of the images, as the critic reads them; present if there are scores
   * @param places logits of places that entered the scores, by map
   */
  record Judged(
      Outcome outcome, Optional<GroupFeatures> features, SortedMap<String, PlaceLogits> places) {

    /** Without logits of places. */
    public Judged(Outcome outcome, Optional<GroupFeatures> features) {
      this(outcome, features, Collections.emptySortedMap());
    }
  }

  /** Replaces the weights by those that a critic published; returns what is held afterwards. */
  Held load(NamedTensors critic);

  /** Returns the loaded weights of the critic. */
  NamedTensors weights();

  /**
   * Scores a group and keeps its features.
   *
   * @param encoded called after all images have passed through the frozen network
   */
  Judged judge(ImageGroup group, Runnable encoded);

  @Override
  default Outcome score(ImageGroup group) {
    return judge(group, () -> {}).outcome();
  }
}
