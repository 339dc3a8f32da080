package io.atelier.learner.loss;

import io.atelier.rollout.flow.StepKernel;

/**
 * Penalty on the distance to the reference policy (the network as it was before training), added to
 * the loss. Means are over the D elements of a sample; mu is the mean of the step, s its diffusion
 * coefficient and scale the standard deviation of its noise. The kinds differ by orders of
 * magnitude: a weight tuned for one does not fit another.
 */
public enum KlPenalty {
  /** {@code mean((mu - mu_ref)^2)}, as in Adv-GRPO. */
  PLAIN,
  /** {@code mean((mu - mu_ref)^2) / (2 s^2)}, as in Flow-GRPO; SDE only. */
  FLOW_GRPO,
  /**
   * {@code mean((mu - mu_ref)^2) / (2 scale^2)}: the KL divergence of the two Gaussians; SDE only.
   */
  GAUSSIAN,
  /** {@code mean((mu - mu_ref)^2) / (2 (s dt)^2)}, as in Flow-GRPO for Wan; SDE only. */
  WAN,
  /** {@code mean((v - v_ref)^2)}: the velocities themselves. */
  VELOCITY;

  /** Whether the formula divides by the variance of the step, which CPS leaves out. */
  public boolean usesVariance() {
    return this == FLOW_GRPO || this == GAUSSIAN || this == WAN;
  }

  /**
   * Returns the factor of {@code mean((v - v_ref)^2)}: {@code mu - mu_ref = velocityScale (v -
   * v_ref)}.
   */
  public double factor(StepKernel kernel) {
    double means = kernel.velocityScale() * kernel.velocityScale();
    double s = kernel.std();
    return switch (this) {
      case PLAIN -> means;
      case FLOW_GRPO -> means / (2 * s * s);
      case GAUSSIAN -> means / (2 * kernel.noiseScale() * kernel.noiseScale());
      case WAN -> means / (2 * s * s * kernel.dt() * kernel.dt());
      case VELOCITY -> 1;
    };
  }
}
