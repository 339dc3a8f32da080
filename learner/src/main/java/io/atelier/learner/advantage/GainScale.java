package io.atelier.learner.advantage;

/** Over which gains {@link CreditMode#GAIN} takes mean and standard deviation. */
public enum GainScale {
  /** Those of all trained steps together (Stepwise-Flow-GRPO, arXiv 2603.28718). */
  JOINT,
  /** Those of one trained step (DenseGRPO, arXiv 2601.20218). */
  STEP
}
