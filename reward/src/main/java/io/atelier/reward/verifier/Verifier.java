package io.atelier.reward.verifier;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.util.Optional;

/**
 * A rule by which images of some prompts can be checked. The prompt alone decides whether it
 * applies: the same prompt, the same answer, whatever is drawn.
 */
public interface Verifier {

  /** Name of its section in a configuration, and of its scores. */
  String name();

  /**
   * What is checked of images of a prompt; empty if it does not apply to it.
   *
   * @throws IllegalArgumentException that names the prompt, if what is said of it cannot be meant
   */
  Optional<Check> check(Prompt prompt);

  /** What a prompt lacks to which it does not apply, such as {@code names no colour}. */
  String lacking();

  /**
   * What is checked.
   *
   * @param asked what the prompt asks for, such as {@code red}
   * @param measure how far an image is that
   */
  record Check(String asked, Measure measure) {}

  /** How far an image is what was asked for. */
  @FunctionalInterface
  interface Measure {

    /**
     * @param image place of the image in {@code images}
     * @return 0 to 1
     */
    double of(Images images, int image);
  }
}
