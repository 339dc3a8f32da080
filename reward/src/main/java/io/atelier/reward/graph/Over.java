package io.atelier.reward.graph;

/** Which values {@link Node.Normalise} takes mean and deviation of. */
public enum Over {
  /** Those of the group. */
  GROUP,
  /** Those of all groups of the step. */
  STEP
}
