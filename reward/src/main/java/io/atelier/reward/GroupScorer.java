package io.atelier.reward;

import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.ImageGroup;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The whole reward of a run, as a worker evaluates it: encodes the images of a group once, and
 * scores them with the current critic and every other reward. Not thread-safe: one compute thread
 * owns a scorer.
 */
public interface GroupScorer extends AutoCloseable {

  /**
   * @param outcome scores, or why there are none
   * @param features features to train the critic on; empty if the reward has no adversarial part
   * @param places logits of places that entered the scores, by the name of each discriminator with
   *     maps and by map, for display
   */
  record Result(
      Reward.Outcome outcome,
      Optional<GroupFeatures> features,
      SortedMap<String, SortedMap<String, PlaceLogits>> places) {

    /** Without logits of places. */
    public Result(Reward.Outcome outcome, Optional<GroupFeatures> features) {
      this(outcome, features, Collections.emptySortedMap());
    }
  }

  /**
   * Replaces the critic's weights; empty tensors if the reward has no adversarial part.
   *
   * @return what is held after loading
   */
  Held load(NamedTensors critic);

  /**
   * Scores a group.
   *
   * @param encoded called after all images have passed through the encoder, for timing; not called
   *     without an encoder
   */
  Result score(ImageGroup group, Runnable encoded);

  @Override
  void close();
}
