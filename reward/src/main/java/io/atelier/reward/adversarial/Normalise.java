package io.atelier.reward.adversarial;

/**
 * What is done to features before the head sees them, the same when it learns and when it scores.
 */
public enum Normalise {
  /** Nothing. */
  NONE,
  /** Each row (an image's vector, or the channels of one place) over its Euclidean norm + 1e-6. */
  L2,
  /**
   * Each column less its mean over its deviation, both fixed over the reference set, and cut at 10
   * deviations, so that no single feature that is rare among references decides alone.
   */
  STANDARD
}
