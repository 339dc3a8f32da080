package io.atelier.reward.verifier;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.Optional;

/**
 * A rule by which images of some prompts can be checked. Whether it applies depends on the prompt
 * alone, not on the images.
 */
public interface Verifier {

  /** Name of its section in a configuration, and of its scores. */
  String name();

  /**
   * Returns the check for images of a prompt; empty if the rule does not apply to it.
   *
   * @throws IllegalArgumentException naming the prompt, if one of its attributes is invalid
   */
  Optional<Check> check(Prompt prompt);

  /** Describes what a prompt lacks if the rule does not apply, such as {@code names no colour}. */
  String lacking();

  /**
   * A check for a prompt.
   *
   * @param asked the request in the prompt, such as {@code red}
   * @param measure how well an image meets it
   */
  record Check(String asked, Measure measure) {}

  /** Measures how well an image meets the request. */
  @FunctionalInterface
  interface Measure {

    /**
     * @param image index of the image in {@code images}
     * @return 0 to 1
     */
    double of(Images images, int image);
  }
}
