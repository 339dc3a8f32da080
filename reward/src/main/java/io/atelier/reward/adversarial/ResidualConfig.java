package io.atelier.reward.adversarial;

/**
 * A discriminator that learns only the errors of a prior: its logits are added to the prior's
 * score, both in the loss and in the reward. Scorer and critic must use the same. Source: RRM
 * (arXiv 2507.00611), and for {@code agree} and {@code disagree} PBRR (arXiv 2510.13036).
 *
 * @param prior name of the reward that is the prior
 * @param scale factor of the prior's score, which is standardised over the references: one standard
 *     deviation counts as a logit of this size. Negative to invert the prior; not 0
 * @param seesPrior whether the standardised score is an additional feature of the global view
 * @param agree weight of the penalty on the logits of pairs that the prior ranks correctly, 0 or
 *     more; see {@link ResidualLoss}
 * @param disagree weight of the penalty on the reference's logit in all other pairs, so that the
 *     overrated image is pushed down rather than the reference up; 0 or more
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
