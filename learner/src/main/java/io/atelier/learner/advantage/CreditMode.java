package io.atelier.learner.advantage;

/** How the advantage of a sample is split among its trained steps, see {@link StepCredit}. */
public enum CreditMode {
  /** Every step gets the advantage of the sample. */
  NONE,
  /** The reward less the potential before the step. */
  TO_GO,
  /** The advantage of the sample, and more or less as the step's gain is above the mean step's. */
  REDISTRIBUTE,
  /** The step's own gain. */
  GAIN
}
