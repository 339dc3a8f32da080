package io.atelier.learner.loss;

import io.atelier.rollout.flow.ForwardTimes;

/**
 * Settings of the Advantage Weighted Matching loss (AWM, arXiv 2509.25050), see {@link AwmLoss}.
 *
 * @param times noise levels at which each image is trained on
 * @param power p: the matching error enters as {@code error^p / p}, above 0 to 1; 1 in the paper
 * @param timePower q: the error is weighted by {@code sigma^q}, not negative; 0 in the paper
 * @param clip clip range of the ratio, on another scale than that for the steps of a sampler
 * @param klWeight weight of the penalty on the distance to the reference, 0 for none
 */
public record AwmConfig(
    ForwardTimes times, double power, double timePower, Clip clip, double klWeight) {

  /** The loss of the paper, with the clip range and penalty of its published code. */
  public static AwmConfig of(ForwardTimes times) {
    return new AwmConfig(times, 1, 0, Clip.of(1), 0.003);
  }

  public AwmConfig {
    require(power > 0 && power <= 1, "power must be above 0 and at most 1, got %s", power);
    require(
        timePower >= 0 && !Double.isInfinite(timePower),
        "time-power must be finite and not negative, got %s",
        timePower);
    require(
        klWeight >= 0 && !Double.isInfinite(klWeight),
        "kl-weight must be finite and not negative, got %s",
        klWeight);
  }

  private static void require(boolean valid, String message, double value) {
    if (!valid) {
      throw new IllegalArgumentException(message.formatted(value));
    }
  }
}
