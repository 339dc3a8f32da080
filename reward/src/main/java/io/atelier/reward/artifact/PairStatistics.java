package io.atelier.reward.artifact;

/**
 * How a score orders pairs of a clean and a damaged image.
 *
 * @param correct pairs in which the clean image has the higher score
 * @param ties pairs of equal scores
 * @param wrong pairs in which the damaged image has the higher score
 */
public record PairStatistics(int correct, int ties, int wrong) {

  /**
   * Counts pairs.
   *
   * @param clean scores of clean images
   * @param damaged of each the score of its damaged counterpart
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

  /** All pairs. */
  public int pairs() {
    return correct + ties + wrong;
  }

  /** Share of pairs in the right order, ties counted half; of no pairs it is not a number. */
  public double accuracy() {
    return (correct + 0.5 * ties) / pairs();
  }

  /**
   * Mean of {@code y ln P + (1 - y) ln(1 - P)} over images, with P the probability of damage and y
   * whether an image is damaged; 0 is best, {@code -ln 2} is a coin's.
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
