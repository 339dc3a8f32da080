package io.atelier.actors.report;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;

/**
 * Images of a step that got the highest reward of their prompt, and those that got the lowest: what
 * the policy is led to, and what it is led away from.
 *
 * @param step updates that the policy has seen once this step is trained
 * @param highest one of each prompt, that whose images differ most first; none where no group has
 *     two rewards
 * @param lowest of the same prompts
 */
public record RankedImages(int step, List<Ranked> highest, List<Ranked> lowest) {

  /**
   * @param image one image
   * @param reward what it was trained on with
   */
  public record Ranked(Images image, Prompt prompt, float reward) {}
}
