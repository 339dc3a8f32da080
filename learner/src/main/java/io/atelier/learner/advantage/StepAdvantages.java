package io.atelier.learner.advantage;

import java.util.OptionalDouble;

/**
 * Advantages of one learner step after the other, limited. A deviation that a step leaves to the
 * next is rounded to float32, which is what a checkpoint holds, so that a resumed run goes on with
 * the same bits.
 */
public final class StepAdvantages {
  private final AdvantageConfig config;
  private OptionalDouble previousStd = OptionalDouble.empty();

  public StepAdvantages(AdvantageConfig config) {
    this.config = config;
  }

  /**
   * The advantages of the next step: one for each reward, at most {@link AdvantageConfig#limit()}
   * from 0.
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
   * @param potentials (T, N); of no steps where none are needed
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

  /** Whether the advantages of a step depend on the steps before. */
  public boolean remembers() {
    return config.spread() == Spread.PREVIOUS_BATCH;
  }

  /** Standard deviation of the step before; empty before the first, or if none is needed. */
  public OptionalDouble previousStd() {
    return previousStd;
  }

  /** Goes on after a step whose {@link #previousStd()} is this. */
  public void restore(OptionalDouble std) {
    previousStd = std;
  }
}
