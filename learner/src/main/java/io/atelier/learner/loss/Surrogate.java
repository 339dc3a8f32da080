package io.atelier.learner.loss;

/**
 * The loss of one sample at one step as a function of its log-probability.
 *
 * @param loss value to minimise
 * @param slope derivative of the loss with respect to the new log-probability
 * @param ratio new over old probability
 */
public record Surrogate(double loss, double slope, double ratio) {

  /**
   * The clipped surrogate of PPO (Schulman et al. 2017, eq. 7): {@code max(-A r, -A clip(r))} with
   * {@code r = exp(change)}.
   *
   * @param change new less old log-probability
   * @param advantage A, already limited
   */
  public static Surrogate clipped(double change, double advantage, Clip clip) {
    double ratio = StrictMath.exp(change);
    double free = -advantage * ratio;
    double bounded = -advantage * clip.apply(ratio);
    return free >= bounded ? new Surrogate(free, free, ratio) : new Surrogate(bounded, 0, ratio);
  }

  /**
   * The same around a proximal policy (Hilton et al. 2021, "Batch size-invariance for policy
   * optimization", eq. 4): the ratio to the policy at the start of the update is clipped, and that
   * policy's ratio to the one that sampled weighs the sample.
   *
   * @param change new less proximal log-probability
   * @param staleness proximal less old log-probability
   */
  public static Surrogate decoupled(double change, double staleness, double advantage, Clip clip) {
    double weight = StrictMath.exp(staleness);
    Surrogate inner = clipped(change, advantage, clip);
    return new Surrogate(weight * inner.loss, weight * inner.slope, inner.ratio);
  }

  /**
   * The policy gradient with a truncated importance weight (Espeholt et al. 2018, section 4.1): the
   * derivative is {@code -A min(r, 1 + cap high)}, so no sample falls silent because the policy
   * moved on since it was drawn, and none counts much more than once.
   *
   * @param cap largest distance of the weight above 1, in units of the clip range's high bound
   */
  public static Surrogate truncated(double change, double advantage, Clip clip, double cap) {
    double ratio = StrictMath.exp(change);
    double weighted = -advantage * Math.min(ratio, 1 + cap * clip.high());
    return new Surrogate(weighted, weighted, ratio);
  }
}
