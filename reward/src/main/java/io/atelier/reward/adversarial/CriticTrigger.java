package io.atelier.reward.adversarial;

/** When a critic trains in a learner step that {@link CriticConfig#every} selects. */
public enum CriticTrigger {
  /** Always. */
  ALWAYS,
  /**
   * While the mean score of generated images is above that of references, checked again before each
   * optimizer step: then the policy has found images that the score prefers to real ones. Source:
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
