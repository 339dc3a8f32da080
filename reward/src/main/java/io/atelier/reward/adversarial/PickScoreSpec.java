package io.atelier.reward.adversarial;

import io.atelier.models.encoder.ClipFolder;
import io.atelier.models.encoder.ClipTail;
import io.atelier.models.encoder.ClipTextSide;
import io.atelier.models.encoder.ClipTrunk;
import io.atelier.models.vision.EncoderConfig;
import java.util.function.BiFunction;

/**
 * PickScore (Kirstain et al. 2023), or another CLIP, whose last layers of the image side learn to
 * prefer references, after Adv-GRPO (arXiv 2511.20256).
 *
 * @param clip its folder
 * @param layers of the image side that learn, counted from the end, at least 1
 */
public record PickScoreSpec(ClipFolder clip, int layers) implements AdversarialSpec {

  private static final int BATCH = EncoderConfig.DEFAULT.batch();

  /**
   * @throws IllegalArgumentException if the image side has fewer layers
   */
  public PickScoreSpec {
    ClipTail.requireLayers(clip, layers);
  }

  @Override
  public long featureBytes() {
    return Float.BYTES * ClipTail.tokenValues(clip);
  }

  /**
   * About the bytes that all scorers and the critic of a process share beside mapped files: what is
   * copied of frozen layers.
   */
  public long sharedBytes() {
    return ClipTrunk.copiedBytes(clip) + ClipTextSide.copiedBytes(clip);
  }

  /** Bytes of the values of a version of the critic: the layers that learn, float32. */
  public long versionBytes() {
    return Float.BYTES * ClipTail.values(clip, layers);
  }

  /**
   * About the bytes that a scorer takes for itself: the layers, those before and those that arrive.
   */
  public long scorerBytes() {
    return 3 * versionBytes();
  }

  /**
   * About the bytes that the critic takes for itself: the layers with gradients on the device, and
   * in the JVM as they are, as they become, as they were published, with gradients and moments,
   * which a checkpoint copies; and features of references.
   *
   * @param images references there are
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

  /** Lets go of both parts where what is to own them cannot be made. */
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
