package io.atelier.learner.advantage;

/** Over which rewards the standard deviation of {@link Weighting#GRPO} is taken. */
public enum Spread {
  /** All rewards of the learner step: groups with nearly equal rewards stay small. */
  BATCH,
  /** The rewards of the group: each group counts the same. */
  GROUP,
  /**
   * All rewards of the learner step before; the first step uses its own. A step whose rewards are
   * nearly equal keeps small advantages.
   */
  PREVIOUS_BATCH
}
