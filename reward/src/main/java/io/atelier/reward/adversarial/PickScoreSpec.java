package io.atelier.reward.adversarial;

import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.ClipTail;
import io.atelier.models.encoder.ClipTextSide;
import io.atelier.models.encoder.ClipTrunk;
import io.atelier.models.vision.EncoderConfig;
import java.util.function.BiFunction;

/**
 * Recipe of PickScore (Kirstain et al. 2023, arXiv 2305.01569), or another CLIP, whose image
 * encoder's last layers are trained to prefer references, after Adv-GRPO (arXiv 2511.20256).
 *
 * @param clip folder of the model
 * @param layers number of trained layers of the image encoder, counted from the end, at least 1
 */
public record PickScoreSpec(ClipFolder clip, int layers) implements AdversarialSpec {

  private static final int BATCH = EncoderConfig.DEFAULT.batch();

  /**
   * @throws IllegalArgumentException if the image encoder has fewer layers
   */
  public PickScoreSpec {
    ClipTail.requireLayers(clip, layers);
  }

  @Override
  public long featureBytes() {
    return Float.BYTES * ClipTail.tokenValues(clip);
  }

  /**
   * Returns an estimate of the bytes that all scorers and the critic of a process share besides
   * mapped files: copies of frozen layers.
   */
  public long sharedBytes() {
    return ClipTrunk.copiedBytes(clip) + ClipTextSide.copiedBytes(clip);
  }

  /** Returns the bytes of a version of the critic: the trained layers, float32. */
  public long versionBytes() {
    return Float.BYTES * ClipTail.values(clip, layers);
  }

  /**
   * Returns an estimate of the bytes of one scorer: the trained layers, the previous and the
   * incoming ones.
   */
  public long scorerBytes() {
    return 3 * versionBytes();
  }

  /**
   * Returns an estimate of the critic's bytes: the layers with gradients on the device; in the JVM
   * the current, next and published layers, gradients and moments, which a checkpoint copies; and
   * features of references.
   *
   * @param images number of references
   */
  public long criticBytes(int images) {
    return 10 * versionBytes() + Math.min(ReferenceFeatures.KEPT_BYTES, images * featureBytes());
  }

  @Override
  public PickScoreReward reward(long seed) {
    return onBoth((trunk, tail) -> new PickScoreReward(trunk, tail, new ClipTextSide(clip)));
  }

  @Override
  public PickScoreCritic critic(CriticConfig critic, long seed, References references) {
    return onBoth((trunk, tail) -> new PickScoreCritic(critic, seed, trunk, tail, references));
  }

  /** Closes both parts if their owner cannot be created. */
  private <T> T onBoth(BiFunction<ClipTrunk, ClipTail, T> owner) {
    ClipTrunk trunk = new ClipTrunk(clip, layers, BATCH);
    try {
      ClipTail tail = new ClipTail(clip, layers, BATCH);
      try {
        return owner.apply(trunk, tail);
      } catch (RuntimeException e) {
        tail.close();
        throw e;
      }
    } catch (RuntimeException e) {
      trunk.close();
      throw e;
    }
  }
}
