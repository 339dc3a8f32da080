package io.atelier.reward.artifact;

/**
 * What is made of the probability p that an image is clean.
 *
 * @param mode which of both formulas
 * @param threshold of {@link Mode#GATE}, above 0 and at most 1: images at least as likely to be
 *     clean lose nothing
 * @param strength of {@link Mode#GATE}, positive: what an image loses for each unit of p below the
 *     threshold
 */
public record ArtifactGuard(Mode mode, double threshold, double strength) {

  /** The formulas there are. */
  public enum Mode {
    /** {@code -strength max(0, threshold - p)}: silent while images are clean. */
    GATE,
    /**
     * {@code p}, as Hong et al. add it to other rewards (arXiv 2601.03468): it always pulls, and
     * can be hacked by what the head takes for clean.
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
   * The score of an image.
   *
   * @param clean probability that it is clean, 0 to 1
   */
  public double score(double clean) {
    return switch (mode) {
      case GATE -> clean >= threshold ? 0 : strength * (clean - threshold);
      case ADD -> clean;
    };
  }
}
