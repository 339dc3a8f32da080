package io.atelier.reward.adversarial;

import io.atelier.models.vision.Encoder;
import java.util.function.Supplier;

/**
 * A discriminator on frozen features.
 *
 * @param encoder makes an encoder; called on the thread that will own it
 * @param config what the discriminator sees
 * @param prompts vectors of prompts, if the head sees them
 */
public record DiscriminatorSpec(
    Supplier<Encoder> encoder, DiscriminatorConfig config, PromptVectors prompts)
    implements AdversarialSpec {

  @Override
  public DiscriminatorReward reward(long seed) {
    return new DiscriminatorReward(config, seed, encoder.get(), prompts);
  }

  @Override
  public DiscriminatorCritic critic(CriticConfig critic, long seed, References references) {
    return new DiscriminatorCritic(critic, config, seed, encoder.get(), references, prompts);
  }
}
