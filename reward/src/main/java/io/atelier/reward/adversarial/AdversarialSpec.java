package io.atelier.reward.adversarial;

import io.atelier.models.vision.Encoder;
import java.util.function.Supplier;

/**
 * All that scorer and critic must have in common.
 *
 * @param encoder makes an encoder; called on the thread that will own it
 * @param config what the discriminator sees
 * @param prompts vectors of prompts, if the head sees them
 */
public record AdversarialSpec(
    Supplier<Encoder> encoder, DiscriminatorConfig config, PromptVectors prompts) {

  /** Name under which the scores are reported. */
  public String name() {
    return AdversarialReward.NAME;
  }

  /** The scoring side, for one worker. */
  public AdversarialReward reward(long seed) {
    return new AdversarialReward(config, seed, encoder.get(), prompts);
  }

  /** The learning side. */
  public AdversarialCritic critic(CriticConfig critic, long seed, References references) {
    return new AdversarialCritic(critic, config, seed, encoder.get(), references, prompts);
  }
}
