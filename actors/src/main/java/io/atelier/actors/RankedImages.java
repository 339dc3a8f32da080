package io.atelier.actors;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.List;

/**
 * The images of a step that got the highest rewards, and those that got the lowest: what a policy
 * is led to, and what it is led away from.
 *
 * @param step updates that the policy has seen once this step is trained
 * @param highest the highest first
 * @param lowest the lowest first
 */
public record RankedImages(int step, List<Ranked> highest, List<Ranked> lowest) {

  /**
   * @param image one image
   * @param reward what it was trained on with
   */
  public record Ranked(Images image, Prompt prompt, float reward) {}
}
