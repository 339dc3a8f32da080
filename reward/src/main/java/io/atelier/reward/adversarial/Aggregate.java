package io.atelier.reward.adversarial;

import io.atelier.reward.graph.Operation;

/**
 * How the scores of an image by the members of an ensemble are combined. Source: Eisenstein et al.
 * (arXiv 2312.09244), section 4; {@link #MEAN_STD} and {@link #MIN} penalise disagreement of the
 * members.
 */
public enum Aggregate {
  MEAN,
  /** The median; for an even number of members, the mean of the two middle scores. */
  MEDIAN,
  /** Mean minus the population standard deviation. */
  MEAN_STD,
  MIN;

  /**
   * @param scores scores of the members, at least one
   */
  public double of(double[] scores) {
    return switch (this) {
      case MEAN -> Operation.mean(scores);
      case MEDIAN -> Operation.MEDIAN.of(scores);
      case MEAN_STD -> Operation.mean(scores) - Operation.std(scores);
      case MIN -> Operation.MIN.of(scores);
    };
  }
}
