package io.atelier.learner.loss;

/** What the loss does about samples that an older policy drew. */
public enum Staleness {
  /** Nothing: ratios are taken to the policy that sampled. */
  NONE,
  /** The policy at the start of the update is evaluated too; see {@link Surrogate#decoupled}. */
  DECOUPLED,
  /** See {@link Surrogate#truncated}. */
  TRUNCATED
}
