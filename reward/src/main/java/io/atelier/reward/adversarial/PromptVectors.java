package io.atelier.reward.adversarial;

import io.atelier.rollout.Prompt;
import java.util.Arrays;

/** Gives a prompt's vector to a head that sees prompts: always the same values for a prompt. */
@FunctionalInterface
public interface PromptVectors {

  /**
   * The vector of the prompt with this {@link Prompt#index}, of the head's condition width; not
   * modified by anyone.
   */
  float[] of(int prompt);

  /** Says which prompts will be asked for next, so that those are made in one go. */
  default void prepare(int[] prompts) {}

  /** The vectors of all these prompts, in that order. */
  default float[][] of(int[] prompts) {
    prepare(prompts);
    return Arrays.stream(prompts).mapToObj(this::of).toArray(float[][]::new);
  }

  /** For a head that sees no prompts. */
  static PromptVectors none() {
    return prompt -> new float[0];
  }
}
