package io.atelier.learner.advantage;

/** The gains over which {@link CreditMode#GAIN} takes mean and standard deviation. */
public enum GainScale {
  /** The gains of all trained steps together (Stepwise-Flow-GRPO, arXiv 2603.28718). */
  JOINT,
  /** The gains of one trained step (DenseGRPO, arXiv 2601.20218). */
  STEP
}
