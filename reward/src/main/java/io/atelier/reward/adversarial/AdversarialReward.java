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
 * A reward that a {@link Critic} teaches: {@link DiscriminatorReward} or {@link PickScoreReward}.
 * Scores with the weights that were loaded last; encodes a group once and hands its features on for
 * the critic to learn from.
 */
public interface AdversarialReward extends Reward {

  /** Name under which the scores are reported of the one that has been given no other. */
  String NAME = "adversarial";

  @Override
  default String name() {
    return NAME;
  }

  /**
   * Scores of a group, and what the critic is to learn from.
   *
   * @param outcome scores, or why there are none yet or never
   * @param features of the images, as the critic reads them; there if there are scores
   * @param places by map what was thought of places on the way to the scores
   */
  record Judged(
      Outcome outcome, Optional<GroupFeatures> features, SortedMap<String, PlaceLogits> places) {

    /** Of whole images alone. */
    public Judged(Outcome outcome, Optional<GroupFeatures> features) {
      this(outcome, features, Collections.emptySortedMap());
    }
  }

  /** Replaces the weights by what a critic publishes; returns what is held afterwards. */
  Held load(NamedTensors critic);

  /** What is held: that which a critic published, once it was loaded. */
  NamedTensors weights();

  /**
   * Scores a group and keeps its features.
   *
   * @param encoded run when all images have passed through the frozen network
   */
  Judged judge(ImageGroup group, Runnable encoded);

  @Override
  default Outcome score(ImageGroup group) {
    return judge(group, () -> {}).outcome();
  }
}
