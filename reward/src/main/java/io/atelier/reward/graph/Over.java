package io.atelier.reward.graph;

/** Which values {@link Node.Normalise} takes mean and deviation of. */
public enum Over {
  /** Those of the group. */
  GROUP,
  /** Those of all groups of the step. */
  STEP,
  /**
   * Those of all groups of the last step before that had any; its own where there is none. The
   * rewards of a group then do not depend on the groups beside it.
   */
  PREVIOUS_STEP
}
