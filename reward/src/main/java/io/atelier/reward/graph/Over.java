package io.atelier.reward.graph;

/** The values over which {@link Node.Normalise} takes mean and standard deviation. */
public enum Over {
  /** The values of the group. */
  GROUP,
  /** The values of all groups of the step. */
  STEP,
  /**
   * The values of all groups of the last earlier step that had any; otherwise those of the step
   * itself. The rewards of a group then do not depend on the other groups of its step.
   */
  PREVIOUS_STEP
}
