package io.atelier.learner.advantage;

/** How the advantage of a sample is split among its trained steps, see {@link StepCredit}. */
public enum CreditMode {
  /** Every step gets the advantage of the sample. */
  NONE,
  /** The reward minus the potential before the step. */
  TO_GO,
  /**
   * The advantage of the sample, plus the excess of the step's gain over the mean gain of its
   * steps.
   */
  REDISTRIBUTE,
  /** The step's own gain. */
  GAIN
}
