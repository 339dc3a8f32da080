package io.atelier.reward.adversarial;

import io.atelier.rollout.Prompt;
import java.util.Arrays;

/** Provides prompt vectors for a head that sees prompts, always the same values for a prompt. */
@FunctionalInterface
public interface PromptVectors {

  /**
   * Returns the vector of the prompt with this {@link Prompt#index}, of the head's condition width;
   * callers must not modify it.
   */
  float[] of(int prompt);

  /**
   * Announces the prompts that are needed next, so that their vectors are computed in one batch.
   */
  default void prepare(int[] prompts) {}

  /** Returns the vectors of these prompts, in that order. */
  default float[][] of(int[] prompts) {
    prepare(prompts);
    return Arrays.stream(prompts).mapToObj(this::of).toArray(float[][]::new);
  }

  /** Returns empty vectors, for a head that does not see prompts. */
  static PromptVectors none() {
    return prompt -> new float[0];
  }
}
