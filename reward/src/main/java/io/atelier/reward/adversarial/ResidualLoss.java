package io.atelier.reward.adversarial;

import io.atelier.reward.adversarial.CriticLoss.Sides;

/**
 * Loss of a residual, that is, of logits that are added to the score of a prior. With s = p + g, p
 * the prior's term and g the logit, it is
 *
 * <pre>
 * {@link CriticLoss#over} s of references and of generated images
 *  + agree    * mean of g(reference)^2 + g(generated)^2 over pairs with p(reference) > p(generated)
 *  + disagree * mean of g(reference)^2                  over all other pairs
 * </pre>
 *
 * with the pairs of {@link CriticLoss#LOGISTIC}. A mean over no pairs is 0. The first line is RRM's
 * (arXiv 2507.00611), which has pairs ranked by people; the others are PBRR's (arXiv 2510.13036):
 * pairs that the prior ranks correctly are left unchanged, and in the others the overrated
 * generated image is pushed down. Pure functions.
 */
final class ResidualLoss {

  private ResidualLoss() {}

  /**
   * References or generated images.
   *
   * @param prior term p of each image or place, (n)
   * @param logits g of each, (n)
   */
  record Side(float[] prior, float[] logits) {

    Side {
      if (prior.length != logits.length) {
        throw new IllegalArgumentException(
            "%d scores of a prior for %d logits".formatted(prior.length, logits.length));
      }
    }

    /** Returns the sums s, (n). */
    float[] sum() {
      float[] sum = new float[logits.length];
      for (int i = 0; i < sum.length; i++) {
        sum[i] = prior[i] + logits[i];
      }
      return sum;
    }
  }

  /**
   * Computes the loss and its derivatives with respect to the logits g.
   *
   * @param config of which {@code agree} and {@code disagree} are used
   * @param reference references, at least one
   * @param generated generated images, at least one
   */
  static Sides over(CriticLoss kind, ResidualConfig config, Side reference, Side generated) {
    Sides sums = kind.over(reference.sum(), generated.sum());
    if (config.agree() == 0 && config.disagree() == 0) {
      return sums;
    }
    int pairs = Math.max(reference.logits().length, generated.logits().length);
    int agreeing = 0;
    for (int i = 0; i < pairs; i++) {
      agreeing += agrees(reference.prior(), generated.prior(), i) ? 1 : 0;
    }
    double agree = agreeing == 0 ? 0 : config.agree() / agreeing;
    double disagree = agreeing == pairs ? 0 : config.disagree() / (pairs - agreeing);
    double loss = sums.loss();
    for (int i = 0; i < pairs; i++) {
      int at = i % reference.logits().length;
      int to = i % generated.logits().length;
      double r = reference.logits()[at];
      double g = generated.logits()[to];
      if (agrees(reference.prior(), generated.prior(), i)) {
        loss += agree * (r * r + g * g);
        sums.reference()[at] += 2 * agree * r;
        sums.generated()[to] += 2 * agree * g;
      } else {
        loss += disagree * r * r;
        sums.reference()[at] += 2 * disagree * r;
      }
    }
    return new Sides(loss, sums.reference(), sums.generated());
  }

  /** Whether the prior alone scores the reference of pair i above its generated image. */
  static boolean agrees(float[] reference, float[] generated, int i) {
    return reference[i % reference.length] > generated[i % generated.length];
  }
}
