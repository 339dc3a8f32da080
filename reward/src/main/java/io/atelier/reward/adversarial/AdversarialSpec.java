package io.atelier.reward.adversarial;

/** A reward that learns, as a recipe: all that scorer and critic must have in common. */
public interface AdversarialSpec {

  /** Name under which the scores are reported. */
  default String name() {
    return AdversarialReward.NAME;
  }

  /**
   * The scoring side, for one worker; called on the thread that will own it.
   *
   * @param seed the run's seed
   */
  LearnedReward reward(long seed);

  /**
   * The learning side; called on the thread that will own it.
   *
   * @param seed the run's seed
   */
  Critic critic(CriticConfig critic, long seed, References references);
}
