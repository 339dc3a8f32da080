package io.atelier.reward.artifact;

/**
 * Score as a function of the probability p that an image is clean.
 *
 * @param mode which of the two formulas
 * @param threshold threshold of {@link Mode#GATE}, above 0 and at most 1: images with a p of at
 *     least this lose nothing
 * @param strength slope of {@link Mode#GATE}, positive: the loss for each unit of p below the
 *     threshold
 */
public record ArtifactGuard(Mode mode, double threshold, double strength) {

  /** The formulas. */
  public enum Mode {
    /** {@code -strength max(0, threshold - p)}: 0 while images are clean. */
    GATE,
    /**
     * {@code p}, as Hong et al. add it to other rewards (arXiv 2601.03468): it always has a
     * gradient, and can be hacked by images that the head mistakes for clean.
     */
    ADD
  }

  public ArtifactGuard {
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "threshold is %s, must be above 0 and at most 1".formatted(threshold));
    }
    if (!(strength > 0) || Double.isInfinite(strength)) {
      throw new IllegalArgumentException("strength is %s, must be positive".formatted(strength));
    }
  }

  /**
   * Returns the score of an image.
   *
   * @param clean probability p that it is clean, 0 to 1
   */
  public double score(double clean) {
    return switch (mode) {
      case GATE -> clean >= threshold ? 0 : strength * (clean - threshold);
      case ADD -> clean;
    };
  }
}
