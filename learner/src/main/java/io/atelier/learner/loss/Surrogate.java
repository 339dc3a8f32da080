package io.atelier.learner.loss;

/**
 * The loss of one sample at one step as a function of its log-probability, as scalars.
 *
 * @param loss value to minimise
 * @param slope derivative of the loss with respect to the new log-probability
 * @param ratio new over old probability
 */
public record Surrogate(double loss, double slope, double ratio) {

  /**
   * Computes the clipped surrogate of PPO (Schulman et al. 2017, arXiv 1707.06347, eq. 7): {@code
   * max(-A r, -A clip(r))} with {@code r = exp(change)}.
   *
   * @param change new minus old log-probability
   * @param advantage A, already clipped
   */
  public static Surrogate clipped(double change, double advantage, Clip clip) {
    double ratio = StrictMath.exp(change);
    double free = -advantage * ratio;
    double bounded = -advantage * clip.apply(ratio);
    return free >= bounded ? new Surrogate(free, free, ratio) : new Surrogate(bounded, 0, ratio);
  }

  /**
   * Computes the decoupled surrogate {@code exp(staleness) max(-A r, -A clip(r))} with {@code r =
   * exp(change)} (Hilton et al. 2021, "Batch size-invariance for policy optimization", arXiv
   * 2110.00641, eq. 4): the ratio to the proximal policy, that at the start of the update, is
   * clipped, and the proximal policy's ratio to the one that sampled weights the sample.
   *
   * @param change new minus proximal log-probability
   * @param staleness proximal minus old log-probability
   */
  public static Surrogate decoupled(double change, double staleness, double advantage, Clip clip) {
    double weight = StrictMath.exp(staleness);
    Surrogate inner = clipped(change, advantage, clip);
    return new Surrogate(weight * inner.loss, weight * inner.slope, inner.ratio);
  }

  /**
   * Computes the policy gradient with a truncated importance weight (Espeholt et al. 2018, arXiv
   * 1802.01561, section 4.1): the slope is {@code -A min(r, 1 + cap high)}, so no sample loses its
   * gradient because the policy has changed since it was drawn, and none counts much more than
   * once.
   *
   * @param cap largest excess of the weight over 1, in units of the clip range's high bound
   */
  public static Surrogate truncated(double change, double advantage, Clip clip, double cap) {
    double ratio = StrictMath.exp(change);
    double weighted = -advantage * Math.min(ratio, 1 + cap * clip.high());
    return new Surrogate(weighted, weighted, ratio);
  }
}
