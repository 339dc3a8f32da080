package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.Images;
import java.util.function.Supplier;

/**
 * A discriminator on frozen features.
 *
 * @param encoder makes an encoder; called on the thread that will own it, and once or more to plan
 * @param config what the discriminator sees
 * @param prompts vectors of prompts, if the head sees them
 */
public record DiscriminatorSpec(
    Supplier<Encoder> encoder, DiscriminatorConfig config, PromptVectors prompts)
    implements AdversarialSpec {

  /** Pixels of an image that is only encoded to see what comes out; any size is brought to one. */
  private static final int SIDE = 32;

  @Override
  public DiscriminatorReward reward(long seed) {
    return new DiscriminatorReward(config, seed, encoder.get(), prompts);
  }

  @Override
  public DiscriminatorCritic critic(CriticConfig critic, long seed, References references) {
    return new DiscriminatorCritic(critic, config, seed, encoder.get(), references, prompts);
  }

  /** Encodes a black image: what an ONNX file gives is not known before. */
  @Override
  public long featureBytes() {
    try (Encoder open = encoder.get()) {
      Images black = new Images(1, SIDE, SIDE, new byte[Images.bytes(1, SIDE, SIDE)]);
      long values = 0;
      for (Tensor view : FeatureBatch.views(config, open.encode(black)).asMap().values()) {
        long[] shape = view.shape();
        values +=
            shape.length < 3
                ? view.values().length
                : Math.min(shape[1], config.keptPlaces()) * shape[2];
      }
      return Float.BYTES * values;
    }
  }

  /**
   * About the bytes that a critic keeps of features in the JVM: of references, and of images that
   * are shown again.
   *
   * @param images references there are
   * @param featureBytes as {@link #featureBytes} gave it
   */
  public static long keptBytes(CriticConfig critic, int images, long featureBytes) {
    return Math.min(ReferenceFeatures.KEPT_BYTES, images * featureBytes)
        + critic.replayCapacity() * featureBytes;
  }
}
