package io.atelier.learner.advantage;

/** Over which rewards the standard deviation of {@link Weighting#GRPO} is taken. */
public enum Spread {
  /** All rewards of the learner step: groups with nearly equal rewards stay small. */
  BATCH,
  /** The rewards of the group: each group counts the same. */
  GROUP,
  /**
   * All rewards of the learner step before, so that a group's advantages are known as soon as it is
   * scored. The first step uses its own.
   */
  PREVIOUS_BATCH
}
