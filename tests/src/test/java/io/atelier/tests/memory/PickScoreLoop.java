package io.atelier.tests.memory;

import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.optim.AdamConfig;
import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.PickScoreCritic;
import io.atelier.reward.adversarial.PickScoreReward;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.reward.adversarial.References;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Program of a process of its own: scores groups by a PickScore and trains its last layers on each
 * of them, and prints its resident memory as {@link GroupLoop} does.
 */
final class PickScoreLoop {
  private static final int SAMPLES = 4;

  private PickScoreLoop() {}

  /** Arguments: CLIP folder, groups in all, groups between two measurements. */
  public static void main(String[] args) throws IOException {
    PickScoreSpec spec = new PickScoreSpec(ClipFolder.open(Path.of(args[0])), 2);
    int groups = Integer.parseInt(args[1]);
    int every = Integer.parseInt(args[2]);
    GroupNoise noise = new GroupNoise(1);
    Prompt prompt = new Prompt(0, "a red fox");
    References references = new References(images(noise, 0), Map.of(0, List.of(0, 1, 2, 3)));
    CriticConfig config =
        new CriticConfig(
            AdamConfig.discriminator(1e-4), 2, 1, 0, 1, 0, 0, 1, 1, 0, 0, 2, Optional.empty());
    int trained = 0;
    try (PickScoreReward reward = spec.reward(1);
        PickScoreCritic critic = spec.critic(config, 1, references)) {
      for (int n = 1; n <= groups; n++) {
        reward.load(critic.weights());
        ImageGroup group = new ImageGroup(new GroupId(n, 0), prompt, images(noise, n), 0, "hash");
        GroupFeatures features = reward.judge(group, () -> {}).features();
        trained += critic.update(n, List.of(features)).get("critic/trained").intValue();
        critic.restore(critic.state());
        if (n % every == 0) {
          System.gc(); // frees the direct buffers that arrays were copied through
          System.out.println(n + " " + GroupLoop.residentKib());
        }
      }
    }
    System.out.println("trained " + trained);
  }

  /** Images of noise of another level in each group, so that either side scores higher at times. */
  private static Images images(GroupNoise noise, int n) {
    byte[] rgb = new byte[Images.bytes(SAMPLES, 56, 56)];
    float[] normals = noise.stream(Purpose.EVALUATION, new GroupId(n, 0)).normals(rgb.length);
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.max(0, Math.min(255, 100 + n % 7 * 10 + 40 * normals[i]));
    }
    return new Images(SAMPLES, 56, 56, rgb);
  }
}
