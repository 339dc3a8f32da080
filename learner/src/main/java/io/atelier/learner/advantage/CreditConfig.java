package io.atelier.learner.advantage;

/**
 * How credit is given to trained steps.
 *
 * @param mode how the advantage is split
 * @param alpha strength of {@link CreditMode#REDISTRIBUTE}, at least 0; 0 is none
 * @param normalise scale of {@link CreditMode#GAIN}
 */
public record CreditConfig(CreditMode mode, double alpha, GainScale normalise) {

  /** All steps of a sample get the same advantage. */
  public static final CreditConfig NONE = new CreditConfig(CreditMode.NONE, 1, GainScale.JOINT);

  public CreditConfig {
    if (!(alpha >= 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException(
          "alpha must be at least 0 and finite, got %s".formatted(alpha));
    }
  }

  /** Whether intermediate states are denoised to the end and scored. */
  public boolean needsPotentials() {
    return mode != CreditMode.NONE;
  }
}
