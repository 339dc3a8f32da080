package io.atelier.learner.advantage;

import java.util.Locale;

/**
 * How advantages are computed.
 *
 * @param weighting how rewards become weights
 * @param spread which standard deviation {@link Weighting#GRPO} divides by
 * @param limit advantages are clipped to plus or minus this, positive
 * @param credit how they are split among trained steps; any mode but {@link CreditMode#NONE} needs
 *     {@link Weighting#GRPO}
 */
public record AdvantageConfig(
    Weighting weighting, Spread spread, double limit, CreditConfig credit) {

  /** Flow-GRPO's choice: the standard deviation of the step, clipped at 5. */
  public static final AdvantageConfig DEFAULT = of(Weighting.GRPO, Spread.BATCH, 5);

  public AdvantageConfig {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("limit must be positive, got %s".formatted(limit));
    }
    if (credit.needsPotentials() && weighting != Weighting.GRPO) {
      throw new IllegalArgumentException(
          "weighting is %s, but credit by step needs grpo, whose advantages are differences that can be split among steps; set learner.credit.steps.mode to none"
              .formatted(weighting.name().toLowerCase(Locale.ROOT)));
    }
    if (credit.mode() == CreditMode.GAIN && spread == Spread.PREVIOUS_BATCH) {
      throw new IllegalArgumentException(
          "spread is previous-batch, a standard deviation of rewards, but learner.credit.steps.mode is gain, which divides by that of gains; set spread to batch or group");
    }
  }

  /** Returns settings with the same advantage in every step. */
  public static AdvantageConfig of(Weighting weighting, Spread spread, double limit) {
    return new AdvantageConfig(weighting, spread, limit, CreditConfig.NONE);
  }
}
