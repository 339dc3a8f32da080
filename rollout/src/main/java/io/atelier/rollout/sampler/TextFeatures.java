package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.PromptEncoder;
import java.util.List;

/** The frozen text encoders of a model: one prompt in, what the velocity network is told out. */
@FunctionalInterface
public interface TextFeatures extends AutoCloseable {

  /**
   * One encoded prompt.
   *
   * @param context text features, (1, tokens, width)
   * @param pooled pooled text vector, (1, width)
   */
  record Encoded(NDArray context, NDArray pooled) {}

  /** Encodes {@code text}; {@code scope} owns the result and all that is computed on the way. */
  Encoded encode(NDManager scope, String text);

  /**
   * Says which texts will be encoded, so that encoders that are too large to stay in memory encode
   * them now, all in one go. It may take minutes; others do nothing.
   */
  default void prepare(List<String> texts) {}

  @Override
  default void close() {}

  /**
   * The encoders of a model folder.
   *
   * @param encoder closed with the features
   * @param t5Length tokens that T5 reads of a prompt, where the model has one; 128 is what
   *     reinforcement learning of Stable Diffusion 3 uses
   */
  static TextFeatures of(PromptEncoder encoder, int t5Length) {
    return new TextFeatures() {
      @Override
      public Encoded encode(NDManager scope, String text) {
        PromptEncoder.Output output = encoder.encode(scope, List.of(text), t5Length);
        return new Encoded(output.features(), output.pooled());
      }

      @Override
      public void close() {
        encoder.close();
      }
    };
  }
}
