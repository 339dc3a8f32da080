package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** The frozen text encoders of a model: one prompt in, what the velocity network is told out. */
@FunctionalInterface
public interface TextFeatures {

  /**
   * One encoded prompt.
   *
   * @param context text features, (1, tokens, width)
   * @param pooled pooled text vector, (1, width)
   */
  record Encoded(NDArray context, NDArray pooled) {}

  /** Encodes {@code text}; {@code scope} owns the result and all that is computed on the way. */
  Encoded encode(NDManager scope, String text);
}
