package io.atelier.reward.adversarial;

/** When a critic learns from the groups of a learner step whose turn it is. */
public enum CriticTrigger {
  /** In each. */
  ALWAYS,
  /**
   * While generated images score above references in the mean, and before each of its optimizer
   * steps anew: then the policy has found what the score likes better than real images. Source:
   * equation 7 of Adv-GRPO (arXiv 2511.20256).
   */
  GENERATED_ABOVE;

  /**
   * @param reference mean logit of references
   * @param generated mean logit of the step's images
   */
  boolean fires(double reference, double generated) {
    return this == ALWAYS || generated > reference;
  }
}
