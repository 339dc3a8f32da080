package io.atelier.reward.adversarial;

/**
 * A discriminator that only learns what a prior is wrong about: its logits are added to the prior's
 * score, in the loss and in the reward alike. Scorer and critic must have the same. Source: RRM
 * (arXiv 2507.00611), and for {@code agree} and {@code disagree} PBRR (arXiv 2510.13036).
 *
 * @param prior name of the reward that it starts from
 * @param scale factor of the prior's score, which is standardised over the references: one of their
 *     standard deviations counts like a logit of so much. Negative to turn the prior around; not 0
 * @param seesPrior whether the standardised score is one more feature of the whole image
 * @param agree weight that holds the logits near 0 of pairs that the prior ranks as the critic is
 *     to, 0 or more; see {@link ResidualLoss}
 * @param disagree weight that holds the logit near 0 of the reference of all other pairs, so that
 *     what was wrongly liked is pushed down rather than the reference up; 0 or more
 */
public record ResidualConfig(
    String prior, double scale, boolean seesPrior, double agree, double disagree) {

  public ResidualConfig {
    require(
        Double.isFinite(scale) && scale != 0,
        "scale %s must be finite and not 0; leave prior empty for no prior",
        scale);
    require(Double.isFinite(agree) && agree >= 0, "agree %s must be finite, 0 or more", agree);
    require(
        Double.isFinite(disagree) && disagree >= 0,
        "disagree %s must be finite, 0 or more",
        disagree);
  }

  private static void require(boolean holds, String rule, double value) {
    if (!holds) {
      throw new IllegalArgumentException(rule.formatted(value));
    }
  }
}
