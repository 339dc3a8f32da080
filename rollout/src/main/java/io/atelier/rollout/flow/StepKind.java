package io.atelier.rollout.flow;

/** How a denoising step is taken. */
public enum StepKind {
  /** Euler's deterministic step. */
  ODE,
  /** The stochastic differential equation of Flow-GRPO, with Gaussian log-probabilities. */
  SDE,
  /**
   * Coefficient-preserving sampling of Flow-CPS, with log-probabilities that leave the variance
   * out.
   */
  CPS;

  /** Whether the step draws noise, and so has a log-probability. */
  public boolean stochastic() {
    return this != ODE;
  }
}
