package io.atelier.learner.advantage;

import java.util.OptionalDouble;

/**
 * Clipped advantages of consecutive learner steps. The standard deviation that a step passes to the
 * next is rounded to float32, as in a checkpoint, so that a resumed run is bit-exact.
 */
public final class StepAdvantages {
  private final AdvantageConfig config;
  private OptionalDouble previousStd = OptionalDouble.empty();

  public StepAdvantages(AdvantageConfig config) {
    this.config = config;
  }

  /**
   * Returns the advantages of the next step: one for each reward, clipped to plus or minus {@link
   * AdvantageConfig#limit()}.
   *
   * @param rewards of all samples of the step
   * @param groups group of each sample, any labels
   */
  public double[] next(double[] rewards, int[] groups) {
    double[] advantages = Advantages.of(config, rewards, groups, previousStd);
    limit(advantages);
    remember(rewards);
    return advantages;
  }

  /**
   * The same with credit by step: (T, N), see {@link StepCredit#of}.
   *
   * @param steps T
   * @param potentials (T, N); of length 0 if none are needed
   */
  public double[][] next(int steps, double[] rewards, double[][] potentials, int[] groups) {
    double[][] advantages = StepCredit.of(config, steps, rewards, potentials, groups, previousStd);
    for (double[] own : advantages) {
      limit(own);
    }
    remember(rewards);
    return advantages;
  }

  private void limit(double[] advantages) {
    for (int i = 0; i < advantages.length; i++) {
      advantages[i] = Math.max(-config.limit(), Math.min(config.limit(), advantages[i]));
    }
  }

  private void remember(double[] rewards) {
    if (remembers()) {
      previousStd = OptionalDouble.of((float) Advantages.std(rewards));
    }
  }

  /** Whether the advantages of a step depend on the previous step. */
  public boolean remembers() {
    return config.spread() == Spread.PREVIOUS_BATCH;
  }

  /**
   * Returns the standard deviation of the previous step; empty before the first, or if not needed.
   */
  public OptionalDouble previousStd() {
    return previousStd;
  }

  /** Resumes after a step whose {@link #previousStd()} was {@code std}. */
  public void restore(OptionalDouble std) {
    previousStd = std;
  }
}
