package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of Advantage Weighted Matching (arXiv 2509.25050) and its gradient with respect to the
 * guided velocities v. The log-probability of an image x0 is its negated flow-matching error at
 * {@code x = (1 - sigma) x0 + sigma noise}: with the matching error {@code m = mean((v - (noise -
 * x0))^2)} over the D elements of a sample,
 *
 * <p>{@code logp = -sigma^q ((m + e)^p - e^p) / p}, {@code e = 1e-10},
 *
 * <p>which is -m for p = 1 and q = 0, as in the paper; its published code has p = 1/4 and q = 1.
 * Ratios {@code exp(logp - old)} enter the clipped surrogate of {@link Surrogate#clipped}, and the
 * penalty is {@code mean((v - v_ref)^2)}. The gradient of logp is {@code -2 sigma^q (m + e)^(p - 1)
 * (v - (noise - x0)) / D}.
 */
public final class AwmLoss {
  private static final double SMALLEST = 1e-10;

  private final AwmConfig config;

  public AwmLoss(AwmConfig config) {
    this.config = config;
  }

  /**
   * Computes the loss of B samples at one noise level. The gradient array belongs to the manager of
   * the target.
   *
   * @param weight weight of one sample in the loss: 1 over the number of terms averaged
   */
  public StepLoss.Outcome of(MatchingSamples samples, double weight) {
    double[] errors = errors(samples.target(), samples.velocity());
    float[] logProbs = logProbs(samples.sigma(), errors);
    float[] old = samples.oldLogProbs().length == 0 ? logProbs : samples.oldLogProbs();
    List<LossTerms> terms = new ArrayList<>();
    double[] factors = new double[errors.length];
    for (int i = 0; i < errors.length; i++) {
      // Difference of two float32 values: exactly 0 if the velocities are bit-identical.
      double change = (double) logProbs[i] - old[i];
      Surrogate surrogate = Surrogate.clipped(change, samples.advantages()[i], config.clip());
      double slope = 2 * slope(samples.sigma(), errors[i]) / samples.elements();
      factors[i] = weight * surrogate.slope() * slope;
      terms.add(LossTerms.of(surrogate, logProbs[i], change, config.clip()));
    }
    NDArray perSample = Host.toNative(samples.target().getManager(), factors);
    StepLoss.Outcome policy =
        new StepLoss.Outcome(
            terms,
            TorchOps.call("log_prob_gradient", samples.velocity(), samples.target(), perSample));
    return samples.reference().isPresent()
        ? StepLoss.penalised(
            policy,
            samples.velocity(),
            samples.reference().get(),
            1.0 / samples.elements(),
            config.klWeight(),
            weight)
        : policy;
  }

  /**
   * Returns the log-probabilities of the samples, (B).
   *
   * @param target velocities {@code noise - x0}
   * @param velocity guided velocities of the policy
   */
  public float[] logProbs(double sigma, NDArray target, NDArray velocity) {
    return logProbs(sigma, errors(target, velocity));
  }

  private float[] logProbs(double sigma, double[] errors) {
    float[] logProbs = new float[errors.length];
    double p = config.power();
    for (int i = 0; i < errors.length; i++) {
      double grown = StrictMath.pow(errors[i] + SMALLEST, p) - StrictMath.pow(SMALLEST, p);
      logProbs[i] = (float) (-StrictMath.pow(sigma, config.timePower()) * grown / p);
    }
    return logProbs;
  }

  /** Negated derivative of the log-probability with respect to the error m. */
  private double slope(double sigma, double error) {
    return StrictMath.pow(sigma, config.timePower())
        * StrictMath.pow(error + SMALLEST, config.power() - 1);
  }

  /** Matching errors m, (B). */
  private static double[] errors(NDArray target, NDArray velocity) {
    double[] squares = Host.doubles(TorchOps.call("squared_distance", velocity, target));
    double elements = target.size() / (double) squares.length;
    for (int i = 0; i < squares.length; i++) {
      squares[i] /= elements;
    }
    return squares;
  }
}
