package io.atelier.tests.memory;

import io.atelier.models.vision.Images;
import io.atelier.reward.GroupFeatures;
import io.atelier.reward.adversarial.AdversarialReward;
import io.atelier.reward.adversarial.Critic;
import io.atelier.reward.adversarial.References;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.ImageGroup;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Scores groups of noise by an adversarial reward and trains its critic on each of them, and prints
 * the resident memory of this process as {@link GroupLoop} does.
 *
 * @param side of an image in pixels
 * @param before groups before the first one that counts
 */
record CriticLoop(int side, int before) {
  static final int SAMPLES = 4;
  private static final GroupNoise NOISE = new GroupNoise(1);
  private static final Prompt PROMPT = new Prompt(0, "a red fox");

  References references() {
    return new References(images(0), Map.of(0, List.of(0, 1, 2, 3)));
  }

  /**
   * @param groups that count
   * @param every groups between two measurements
   * @param counted measurement of the critic whose sum over these is printed in the end
   */
  void run(AdversarialReward reward, Critic critic, int groups, int every, String counted)
      throws IOException {
    int trained = 0;
    for (int n = 1 - before; n <= groups; n++) {
      int step = n + before;
      reward.load(critic.weights());
      ImageGroup group = new ImageGroup(new GroupId(step, 0), PROMPT, images(step), 0, "hash");
      GroupFeatures features = reward.judge(group, () -> {}).features().orElseThrow();
      int some = critic.update(step, List.of(features)).get(counted).intValue();
      trained += n > 0 ? some : 0;
      critic.restore(critic.state());
      if (n > 0 && n % every == 0) {
        System.gc(); // frees the direct buffers that arrays were copied through
        System.out.println(n + " " + GroupLoop.residentKib());
      }
    }
    System.out.println("trained " + trained);
  }

  /** Noise of another level in each group, so that either side scores higher at times. */
  private Images images(int n) {
    byte[] rgb = new byte[Images.bytes(SAMPLES, side, side)];
    float[] normals = NOISE.stream(Purpose.EVALUATION, new GroupId(n, 0)).normals(rgb.length);
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.max(0, Math.min(255, 100 + n % 7 * 10 + 40 * normals[i]));
    }
    return new Images(SAMPLES, side, side, rgb);
  }
}
