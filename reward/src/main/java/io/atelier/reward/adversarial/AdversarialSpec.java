package io.atelier.reward.adversarial;

import io.atelier.reward.clip.Clips;
import java.util.Optional;

/**
 * A recipe for a trained reward: the settings that {@link AdversarialReward} and {@link Critic}
 * must share.
 */
public interface AdversarialSpec {

  /**
   * Creates the scoring side, for one worker; called on the thread that will own it.
   *
   * @param seed the run's seed
   */
  AdversarialReward reward(long seed);

  /**
   * The same for a scorer whose rewards share networks.
   *
   * @param clips the shared networks; closed after the reward
   */
  default AdversarialReward reward(long seed, Clips clips) {
    return reward(seed);
  }

  /**
   * Creates the training side; called on the thread that will own it.
   *
   * @param seed the run's seed
   */
  Critic critic(CriticConfig critic, long seed, References references);

  /**
   * Returns the same recipe with scores of places, see {@link
   * io.atelier.reward.Reward.Scored#places}; empty if it does not judge places.
   */
  default Optional<AdversarialSpec> withPlaces() {
    return Optional.empty();
  }

  /**
   * Returns the bytes of the features of one image that are kept to train the critic; may encode an
   * image.
   */
  long featureBytes();
}
