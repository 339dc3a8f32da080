package io.atelier.actors.report;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;

/**
 * Images of a step with the highest reward of their prompt, and those with the lowest: what the
 * policy is pushed towards, and what it is pushed away from.
 *
 * @param step policy updates once this step is trained
 * @param highest one per prompt, ordered by the spread of the prompt's rewards, largest first;
 *     empty if no group has two different rewards
 * @param lowest one per prompt, in the same order
 */
public record RankedImages(int step, List<Ranked> highest, List<Ranked> lowest) {

  /**
   * @param image one image
   * @param reward the reward that it was trained with
   */
  public record Ranked(Images image, Prompt prompt, float reward) {}
}
