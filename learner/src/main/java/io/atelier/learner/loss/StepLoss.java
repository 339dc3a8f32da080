package io.atelier.learner.loss;

import io.atelier.rollout.flow.StepKernel;

/** The loss of a policy update and its gradient with respect to the guided velocities. */
public final class StepLoss {
  private final LossConfig config;

  public StepLoss(LossConfig config) {
    this.config = config;
  }

  /**
   * The terms of one sample at one step; adds {@code weight} times their gradient with respect to
   * the sample's velocity to {@code gradient}.
   *
   * @param weight share of the sample in the loss: 1 over everything that is averaged
   * @param gradient at the places of the velocity
   */
  public LossTerms add(StepSample sample, double weight, double[] gradient) {
    float logProb = sample.logProb();
    LossTerms policy =
        config.guard()
            ? guarded(sample, logProb, weight, gradient)
            : plain(sample, logProb, weight, gradient);
    if (!config.needsReference()) {
      return policy;
    }
    return policy.withKl(penalty(sample, weight, gradient), config.klWeight());
  }

  private LossTerms plain(StepSample s, float logProb, double weight, double[] gradient) {
    // The subtraction is of two float32 values: exactly 0 where the velocities have the same bits.
    double change = (double) logProb - s.oldLogProb();
    Surrogate surrogate =
        switch (config.staleness()) {
          case NONE -> Surrogate.clipped(change, s.advantage(), config.clip());
          case DECOUPLED ->
              Surrogate.decoupled(
                  (double) logProb - s.proximalLogProb(),
                  (double) s.proximalLogProb() - s.oldLogProb(),
                  s.advantage(),
                  config.clip());
          case TRUNCATED ->
              Surrogate.truncated(change, s.advantage(), config.clip(), config.stalenessCap());
        };
    s.kernel()
        .addLogProbGradient(
            s.before(),
            s.velocity(),
            s.after(),
            s.offset(),
            s.count(),
            weight * surrogate.slope(),
            gradient);
    return LossTerms.of(surrogate, logProb, change, config.clip());
  }

  /**
   * GRPO-Guard: with {@code delta = sqrt(-dt)} and {@code w = delta s}, the ratio is {@code
   * exp((logp - old + bias) w)}, {@code bias = mean((mu - mu_old)^2) / (2 w^2)}, and the loss is
   * divided by {@code delta^2}. The gradient flows through log-probability and bias.
   */
  private LossTerms guarded(StepSample s, float logProb, double weight, double[] gradient) {
    StepKernel kernel = s.kernel();
    double w = kernel.noiseScale();
    double squares = 0;
    for (int i = s.offset(); i < s.offset() + s.count(); i++) {
      double moved = (double) kernel.mean(s.before(), s.velocity(), i) - s.oldMean()[i];
      squares += moved * moved;
    }
    double bias = squares / s.count() / (2 * w * w);
    double change = (double) logProb - s.oldLogProb();
    Surrogate inner = Surrogate.clipped((change + bias) * w, s.advantage(), config.clip());
    double scale = 1 / -kernel.dt();
    double slope = weight * scale * inner.slope() * w;
    kernel.addLogProbGradient(
        s.before(), s.velocity(), s.after(), s.offset(), s.count(), slope, gradient);
    double factor = slope * kernel.velocityScale() / (w * w * s.count());
    for (int i = s.offset(); i < s.offset() + s.count(); i++) {
      double moved = (double) kernel.mean(s.before(), s.velocity(), i) - s.oldMean()[i];
      gradient[i] += factor * moved;
    }
    Surrogate scaled = new Surrogate(scale * inner.loss(), scale * inner.slope(), inner.ratio());
    return LossTerms.of(scaled, logProb, change, config.clip());
  }

  private double penalty(StepSample s, double weight, double[] gradient) {
    double factor = config.kl().factor(s.kernel()) / s.count();
    double slope = 2 * factor * weight * config.klWeight();
    double squares = 0;
    for (int i = s.offset(); i < s.offset() + s.count(); i++) {
      double difference = (double) s.velocity()[i] - s.reference()[i];
      squares += difference * difference;
      gradient[i] += slope * difference;
    }
    return factor * squares;
  }
}
