package io.atelier.learner.advantage;

/**
 * How advantages are made.
 *
 * @param weighting from rewards to weights
 * @param spread which standard deviation {@link Weighting#GRPO} divides by
 * @param limit advantages are clipped to plus or minus this, positive
 */
public record AdvantageConfig(Weighting weighting, Spread spread, double limit) {

  /** Flow-GRPO's choice: the standard deviation of the step, clipped at 5. */
  public static final AdvantageConfig DEFAULT =
      new AdvantageConfig(Weighting.GRPO, Spread.BATCH, 5);

  public AdvantageConfig {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("limit must be positive, got %s".formatted(limit));
    }
  }
}
