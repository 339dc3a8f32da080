package io.atelier.reward.adversarial;

import io.atelier.reward.graph.Operation;

/**
 * How the scores that the members of an ensemble give to one image become one. Source: Eisenstein
 * et al. (arXiv 2312.09244), section 4; {@link #MEAN_STD} and {@link #MIN} punish what the members
 * do not agree on.
 */
public enum Aggregate {
  MEAN,
  /** The score in the middle; of an even number the mean of the two there. */
  MEDIAN,
  /** Mean less the population standard deviation. */
  MEAN_STD,
  MIN;

  /**
   * @param scores of the members, at least one
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
