package io.atelier.learner.loss;

/**
 * Loss terms of one sample at one step; a run reports their means over samples.
 *
 * @param loss policy term plus weighted penalty
 * @param policy policy term
 * @param kl penalty, unweighted
 * @param logProb new log-probability
 * @param ratio new over old probability (over the proximal policy's, if decoupled)
 * @param approxKl {@code (new - old log-probability)^2 / 2}
 * @param above whether the ratio is above its range
 * @param below whether the ratio is below its range
 */
public record LossTerms(
    double loss,
    double policy,
    double kl,
    float logProb,
    double ratio,
    double approxKl,
    boolean above,
    boolean below) {

  static LossTerms of(Surrogate surrogate, float logProb, double change, Clip clip) {
    double ratio = surrogate.ratio();
    return new LossTerms(
        surrogate.loss(),
        surrogate.loss(),
        0,
        logProb,
        ratio,
        change * change / 2,
        ratio - 1 > clip.high(),
        1 - ratio > clip.low());
  }

  LossTerms withKl(double penalty, double weight) {
    return new LossTerms(
        policy + weight * penalty, policy, penalty, logProb, ratio, approxKl, above, below);
  }
}
