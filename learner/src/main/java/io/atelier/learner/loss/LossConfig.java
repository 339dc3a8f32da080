package io.atelier.learner.loss;

import io.atelier.rollout.flow.StepKind;
import java.util.Locale;

/**
 * Settings of the loss on trained steps, see {@link StepLoss}.
 *
 * @param clip range of the ratio
 * @param kl kind of the penalty
 * @param klWeight weight of the penalty, 0 for none
 * @param guard whether ratios are corrected as in GRPO-Guard (arXiv 2510.22319); SDE only
 * @param staleness correction for samples of older policies
 * @param stalenessCap for {@link Staleness#TRUNCATED}: largest excess of a weight over 1, in units
 *     of the clip range's high bound
 * @param places how credit is moved between the places of an image. A ratio belongs to a whole
 *     sample, so this needs samples whose ratios are 1
 */
public record LossConfig(
    Clip clip,
    KlPenalty kl,
    double klWeight,
    boolean guard,
    Staleness staleness,
    double stalenessCap,
    PlaceConfig places) {

  /** Flow-GRPO-Fast with CPS: range 1e-5, no penalty, no correction. */
  public static final LossConfig DEFAULT =
      new LossConfig(Clip.of(1e-5), KlPenalty.VELOCITY, 0, false, Staleness.NONE, 10);

  /** Without place credit. */
  public LossConfig(
      Clip clip,
      KlPenalty kl,
      double klWeight,
      boolean guard,
      Staleness staleness,
      double stalenessCap) {
    this(clip, kl, klWeight, guard, staleness, stalenessCap, PlaceConfig.NONE);
  }

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
    if (places.moves() && (guard || staleness != Staleness.NONE)) {
      throw new IllegalArgumentException(
          "%s, which corrects the ratio of a whole sample, but credit.places weights each place on its own; set %s, or learner.credit.places.source=none"
              .formatted(
                  guard ? "guard is true" : "staleness is " + lower(staleness),
                  guard ? "learner.guard=false" : "learner.staleness=none"));
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the reference policy has to be evaluated. */
  public boolean needsReference() {
    return klWeight > 0;
  }

  /** Whether trajectories must hold the means of their steps. */
  public boolean needsMeans() {
    return guard;
  }

  /** Fails unless this loss is defined for steps of {@code kind}. */
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
