package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.PromptEncoder;
import java.util.List;

/**
 * The frozen text encoders of a model: they turn a prompt into the velocity network's text
 * features.
 */
@FunctionalInterface
public interface TextFeatures extends AutoCloseable {

  /**
   * One encoded prompt.
   *
   * @param context text features, (1, tokens, width)
   * @param pooled pooled text vector, (1, width)
   */
  record Encoded(NDArray context, NDArray pooled) {}

  /** Encodes {@code text}; {@code scope} owns the result and all intermediate arrays. */
  Encoded encode(NDManager scope, String text);

  /**
   * Announces texts to be encoded, so that encoders too large to stay in memory encode them now,
   * all at once, which may take minutes; others do nothing.
   */
  default void prepare(List<String> texts) {}

  @Override
  default void close() {}

  /**
   * The encoders of a model folder.
   *
   * @param encoder closed with the features
   * @param t5Length T5 tokens per prompt, if the model has T5; 128 is usual in reinforcement
   *     learning of Stable Diffusion 3
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
