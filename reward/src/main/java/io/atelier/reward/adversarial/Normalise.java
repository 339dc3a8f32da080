package io.atelier.reward.adversarial;

/** Normalisation of features before the head sees them, the same in training and scoring. */
public enum Normalise {
  /** No normalisation. */
  NONE,
  /** Each row (an image's vector, or the channels of one place) over its Euclidean norm + 1e-6. */
  L2,
  /**
   * Each column minus its mean, over its standard deviation, both fixed over the reference set, and
   * clipped at 10 standard deviations, so that no single feature that is rare among references
   * dominates.
   */
  STANDARD
}
