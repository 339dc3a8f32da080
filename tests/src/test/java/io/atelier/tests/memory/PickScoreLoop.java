package io.atelier.tests.memory;

import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.optim.AdamConfig;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.PickScoreCritic;
import io.atelier.reward.adversarial.PickScoreReward;
import io.atelier.reward.adversarial.PickScoreSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Program of a process of its own: scores groups by a PickScore and trains its last layers on each
 * of them, and prints its resident memory as {@link GroupLoop} does.
 */
final class PickScoreLoop {
  private PickScoreLoop() {}

  /** Arguments: CLIP folder, groups in all, groups between two measurements. */
  public static void main(String[] args) throws IOException {
    PickScoreSpec spec = new PickScoreSpec(ClipFolder.open(Path.of(args[0])), 2);
    int groups = Integer.parseInt(args[1]);
    int every = Integer.parseInt(args[2]);
    CriticLoop loop = new CriticLoop(56, 0);
    CriticConfig config =
        new CriticConfig(
            AdamConfig.discriminator(1e-4),
            1,
            Optional.empty(),
            2,
            1,
            0,
            1,
            0,
            0,
            1,
            1,
            0,
            0,
            2,
            Optional.empty());
    try (PickScoreReward reward = spec.reward(1);
        PickScoreCritic critic = spec.critic(config, 1, loop.references())) {
      loop.run(reward, critic, groups, every, "critic/trained");
    }
  }
}
