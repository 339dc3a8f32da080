package io.atelier.learner.loss;

/**
 * The range outside which a probability ratio r is clipped: {@code 1 - low} to {@code 1 + high}.
 * Ratios are geometric means over the elements of a latent, so useful bounds are 1e-6 to 1e-3.
 *
 * @param low distance below 1, 0 to 1
 * @param high distance above 1, not negative
 */
public record Clip(double low, double high) {

  public Clip {
    if (!(low >= 0 && low <= 1 && high >= 0) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          "clip-low must be in [0, 1] and clip-high finite and at least 0, got %s and %s"
              .formatted(low, high));
    }
  }

  /** The same distance on both sides. */
  public static Clip of(double range) {
    return new Clip(range, range);
  }

  double apply(double ratio) {
    return Math.max(1 - low, Math.min(1 + high, ratio));
  }
}
