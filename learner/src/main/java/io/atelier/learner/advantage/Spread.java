package io.atelier.learner.advantage;

/** The rewards over which the standard deviation of {@link Weighting#GRPO} is taken. */
public enum Spread {
  /** All rewards of the learner step: groups with nearly equal rewards keep small advantages. */
  BATCH,
  /** The rewards of the group: every group counts the same. */
  GROUP,
  /**
   * All rewards of the previous learner step; the first step uses its own. A step whose rewards are
   * nearly equal keeps small advantages.
   */
  PREVIOUS_BATCH
}
