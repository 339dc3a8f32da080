package io.atelier.rollout.flow;

/** The kind of a denoising step. */
public enum StepKind {
  /** Deterministic Euler step. */
  ODE,
  /** The stochastic differential equation of Flow-GRPO, with Gaussian log-probabilities. */
  SDE,
  /** Coefficient-preserving sampling of Flow-CPS, with log-probabilities that omit the variance. */
  CPS;

  /** Whether the step draws noise, and so has a log-probability. */
  public boolean stochastic() {
    return this != ODE;
  }
}
