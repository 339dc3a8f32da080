package io.atelier.reward.artifact;

/**
 * How well a score orders pairs of a clean and a damaged image.
 *
 * @param correct number of pairs in which the clean image has the higher score
 * @param ties number of pairs with equal scores
 * @param wrong number of pairs in which the damaged image has the higher score
 */
public record PairStatistics(int correct, int ties, int wrong) {

  /**
   * Counts pairs.
   *
   * @param clean scores of clean images
   * @param damaged score of the damaged counterpart of each
   */
  public static PairStatistics of(float[] clean, float[] damaged) {
    if (clean.length != damaged.length) {
      throw new IllegalArgumentException(
          "%d clean images and %d damaged ones are no pairs"
              .formatted(clean.length, damaged.length));
    }
    int correct = 0;
    int ties = 0;
    for (int i = 0; i < clean.length; i++) {
      correct += clean[i] > damaged[i] ? 1 : 0;
      ties += clean[i] == damaged[i] ? 1 : 0;
    }
    return new PairStatistics(correct, ties, clean.length - correct - ties);
  }

  /** Returns the number of all pairs. */
  public int pairs() {
    return correct + ties + wrong;
  }

  /** Returns the share of pairs in the right order, ties counted half; NaN without pairs. */
  public double accuracy() {
    return (correct + 0.5 * ties) / pairs();
  }

  /**
   * Returns the mean log-likelihood {@code y ln P + (1 - y) ln(1 - P)} over images, with P the
   * probability of damage and y whether an image is damaged; 0 is best, {@code -ln 2} is chance.
   *
   * @param clean logits of damage, {@code ln(P / (1 - P))}, of clean images
   * @param damaged logits of damage of damaged images
   */
  public static double likelihood(float[] clean, float[] damaged) {
    double sum = 0;
    for (float z : clean) {
      sum -= softplus(z);
    }
    for (float z : damaged) {
      sum -= softplus(-z);
    }
    return sum / (clean.length + damaged.length);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }
}
