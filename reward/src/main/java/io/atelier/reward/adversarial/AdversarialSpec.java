package io.atelier.reward.adversarial;

import io.atelier.reward.clip.Clips;
import java.util.Optional;

/**
 * A reward that learns, as a recipe: what {@link AdversarialReward} and {@link Critic} must have in
 * common.
 */
public interface AdversarialSpec {

  /**
   * The scoring side, for one worker; called on the thread that will own it.
   *
   * @param seed the run's seed
   */
  AdversarialReward reward(long seed);

  /**
   * The same for a scorer whose rewards look through the same networks.
   *
   * @param clips these; closed after the reward
   */
  default AdversarialReward reward(long seed, Clips clips) {
    return reward(seed);
  }

  /**
   * The learning side; called on the thread that will own it.
   *
   * @param seed the run's seed
   */
  Critic critic(CriticConfig critic, long seed, References references);

  /**
   * The same whose scores have those of places beside them, see {@link
   * io.atelier.reward.Reward.Scored#places}; empty if it judges none.
   */
  default Optional<AdversarialSpec> withPlaces() {
    return Optional.empty();
  }

  /** Bytes of what is kept of an image for the critic to learn from; may have to encode one. */
  long featureBytes();
}
