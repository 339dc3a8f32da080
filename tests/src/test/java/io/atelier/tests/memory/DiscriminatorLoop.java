package io.atelier.tests.memory;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.adversarial.AugmentationConfig;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.DiscriminatorCritic;
import io.atelier.reward.adversarial.DiscriminatorReward;
import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.Fusion;
import io.atelier.reward.adversarial.Normalise;
import io.atelier.reward.adversarial.PoolingConfig;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Program of a process of its own: scores groups by a discriminator and trains its head on each of
 * them, and prints its resident memory as {@link GroupLoop} does.
 */
final class DiscriminatorLoop {

  /** Groups before the first one that counts: the allocator's arenas grow in steps of some MiB. */
  private static final int BEFORE = 100;

  /** A narrow head: what weights are copied through would else hide what is lost. */
  private static final DiscriminatorConfig VIEW =
      new DiscriminatorConfig(
          16,
          List.of("pool"),
          List.of("low", "mid"),
          List.of("low", "mid"),
          false,
          Normalise.STANDARD,
          2,
          0.7,
          0.3,
          0,
          256,
          AugmentationConfig.NONE,
          new PoolingConfig(0.5, Fusion.GATED, 2));

  private DiscriminatorLoop() {}

  /** Arguments: anything, groups in all, groups between two measurements. */
  public static void main(String[] args) throws IOException {
    int groups = Integer.parseInt(args[1]);
    int every = Integer.parseInt(args[2]);
    EncoderConfig settings = new EncoderConfig(32, Filter.BICUBIC, 1, CriticLoop.SAMPLES);
    DiscriminatorSpec spec =
        new DiscriminatorSpec(
            () -> OnnxEncoder.lite0(settings), VIEW, prompt -> new float[] {1, prompt});
    CriticLoop loop = new CriticLoop(32, BEFORE);
    CriticConfig config =
        new CriticConfig(
            AdamConfig.discriminator(1e-4),
            1,
            Optional.empty(),
            2,
            1,
            1,
            8,
            0.1,
            0.5,
            1,
            1,
            8,
            1,
            4,
            Optional.empty());
    try (DiscriminatorReward reward = spec.reward(1);
        DiscriminatorCritic critic = spec.critic(config, 1, loop.references())) {
      loop.run(reward, critic, groups, every, "critic/head-steps");
    }
  }
}
