package io.atelier.learner.loss;

/** How the loss corrects for samples of an older policy. */
public enum Staleness {
  /** No correction: ratios are to the policy that sampled. */
  NONE,
  /** The policy at the start of the update is evaluated too; see {@link Surrogate#decoupled}. */
  DECOUPLED,
  /** See {@link Surrogate#truncated}. */
  TRUNCATED
}
