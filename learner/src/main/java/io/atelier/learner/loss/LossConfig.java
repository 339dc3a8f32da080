package io.atelier.learner.loss;

import io.atelier.rollout.flow.StepKind;

/**
 * What the policy update minimises.
 *
 * @param clip range of the ratio
 * @param kl kind of the penalty
 * @param klWeight weight of the penalty, 0 for none
 * @param guard whether ratios are corrected as in GRPO-Guard (arXiv 2510.22319); SDE only
 * @param staleness what is done about stale samples
 * @param stalenessCap for {@link Staleness#TRUNCATED}: largest excess of a weight over 1, in units
 *     of the clip range's high bound
 */
public record LossConfig(
    Clip clip,
    KlPenalty kl,
    double klWeight,
    boolean guard,
    Staleness staleness,
    double stalenessCap) {

  /** Flow-GRPO-Fast with CPS: range 1e-5, no penalty, no correction. */
  public static final LossConfig DEFAULT =
      new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, 0, false, Staleness.NONE, 10);

  public LossConfig {
    if (!(klWeight >= 0) || Double.isInfinite(klWeight)) {
      throw new IllegalArgumentException(
          "kl-weight must be finite and not negative, got %s".formatted(klWeight));
    }
    if (!(stalenessCap >= 0) || Double.isInfinite(stalenessCap)) {
      throw new IllegalArgumentException(
          "staleness-cap must be finite and not negative, got %s".formatted(stalenessCap));
    }
    if (guard && staleness != Staleness.NONE) {
      throw new IllegalArgumentException(
          "guard and staleness correction %s exclude each other: guard corrects the ratio to the policy that sampled"
              .formatted(staleness));
    }
  }

  /** Whether the reference policy has to be evaluated. */
  public boolean needsReference() {
    return klWeight > 0;
  }

  /** Whether trajectories must hold the means of their steps. */
  public boolean needsMeans() {
    return guard;
  }

  /** Fails unless this loss has a meaning for steps of {@code kind}. */
  public void requireFits(StepKind kind) {
    if (!kind.stochastic()) {
      throw new IllegalArgumentException(
          "steps of kind %s cannot be trained; use sde or cps".formatted(kind));
    }
    if (kind != StepKind.SDE && guard) {
      throw new IllegalArgumentException("guard needs steps of kind SDE, got %s".formatted(kind));
    }
    if (kind != StepKind.SDE && klWeight > 0 && kl.usesVariance()) {
      throw new IllegalArgumentException(
          "kl %s needs steps of kind SDE, got %s; use PLAIN or VELOCITY".formatted(kl, kind));
    }
  }
}
