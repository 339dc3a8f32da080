package io.atelier.tests.memory;

import io.atelier.models.optim.AdamConfig;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.OnnxEncoder;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.AugmentationConfig;
import io.atelier.reward.adversarial.CriticConfig;
import io.atelier.reward.adversarial.DiscriminatorConfig;
import io.atelier.reward.adversarial.DiscriminatorCritic;
import io.atelier.reward.adversarial.DiscriminatorReward;
import io.atelier.reward.adversarial.DiscriminatorSpec;
import io.atelier.reward.adversarial.Fusion;
import io.atelier.reward.adversarial.Normalise;
import io.atelier.reward.adversarial.PoolingConfig;
import io.atelier.reward.adversarial.References;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Program of a process of its own: scores groups by a discriminator and trains its head on each of
 * them, and prints its resident memory as {@link GroupLoop} does.
 */
final class DiscriminatorLoop {
  private static final int SAMPLES = 4;

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
    EncoderConfig settings = new EncoderConfig(32, Filter.BICUBIC, 1, SAMPLES);
    DiscriminatorSpec spec =
        new DiscriminatorSpec(
            () -> OnnxEncoder.lite0(settings), VIEW, prompt -> new float[] {1, prompt});
    GroupNoise noise = new GroupNoise(1);
    Prompt prompt = new Prompt(0, "a red fox");
    References references = new References(images(noise, 0), Map.of(0, List.of(0, 1, 2, 3)));
    CriticConfig config =
        new CriticConfig(
            AdamConfig.discriminator(1e-4), 2, 1, 1, 8, 0.1, 0.5, 1, 1, 8, 1, 4, Optional.empty());
    int taken = 0;
    try (DiscriminatorReward reward = spec.reward(1);
        DiscriminatorCritic critic = spec.critic(config, 1, references)) {
      for (int n = 1 - BEFORE; n <= groups; n++) {
        reward.load(critic.weights());
        ImageGroup group =
            new ImageGroup(
                new GroupId(n + BEFORE, 0), prompt, images(noise, n + BEFORE), 0, "hash");
        GroupFeatures features = reward.judge(group, () -> {}).features();
        int steps =
            critic.update(n + BEFORE, List.of(features)).get("critic/head-steps").intValue();
        taken += n > 0 ? steps : 0;
        critic.restore(critic.state());
        if (n > 0 && n % every == 0) {
          System.gc(); // frees the direct buffers that arrays were copied through
          System.out.println(n + " " + GroupLoop.residentKib());
        }
      }
    }
    System.out.println("trained " + taken);
  }

  private static Images images(GroupNoise noise, int n) {
    byte[] rgb = new byte[Images.bytes(SAMPLES, 32, 32)];
    float[] normals = noise.stream(Purpose.EVALUATION, new GroupId(n, 0)).normals(rgb.length);
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.max(0, Math.min(255, 128 + 40 * normals[i]));
    }
    return new Images(SAMPLES, 32, 32, rgb);
  }
}
