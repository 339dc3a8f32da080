package io.atelier.rollout.flow;

import ai.djl.ndarray.NDArray;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;

/**
 * One denoising step from level {@code now} to level {@code after}: {@code next = mean + noiseScale
 * noise} with {@code mean = sampleScale x + velocityScale v}, where x is the latent and v the
 * guided velocity. With {@code dt = after - now < 0} and noise level a:
 *
 * <ul>
 *   <li>ODE: {@code mean = x + dt v}.
 *   <li>SDE (Flow-GRPO, arXiv 2505.05470, eq. 9): {@code s = a sqrt(now / (1 - now))}, the
 *       denominator being 1 - (the schedule's second level) where now is 1; {@code mean = x (1 +
 *       s^2 dt / (2 now)) + v (1 + s^2 (1 - now) / (2 now)) dt}; {@code noiseScale = s sqrt(-dt)}.
 *   <li>CPS (Flow-CPS, arXiv 2509.05952): {@code s = after sin(a pi / 2)}; {@code mean = (1 -
 *       after) (x - now v) + sqrt(after^2 - s^2) (x + (1 - now) v)}; {@code noiseScale = s}.
 * </ul>
 *
 * <p>The log-probability of {@code next} is a mean over the D elements of a sample, so ratios
 * computed from it are geometric means over elements: SDE {@code mean(-(next - mean)^2 / (2
 * noiseScale^2)) - ln(noiseScale) - ln(2 pi) / 2}; CPS {@code mean(-(next - mean)^2)}.
 *
 * <p>Latents stay on the network's device. Operators take float32 and compute in float64; means,
 * latents and log-probabilities are each rounded to float32 once. On the CPU, sums run in order, so
 * that results are bit-identical on every processor.
 *
 * @param kind kind of the step
 * @param now level before the step
 * @param after level after the step
 * @param sampleScale factor of x in the mean
 * @param velocityScale factor of v in the mean
 * @param std diffusion coefficient s; 0 for ODE
 * @param noiseScale factor of the noise; 0 for ODE
 */
public record StepKernel(
    StepKind kind,
    double now,
    double after,
    double sampleScale,
    double velocityScale,
    double std,
    double noiseScale) {

  private static final double HALF_LOG_2_PI = 0.5 * StrictMath.log(2 * Math.PI);

  /** The kernel of step {@code step} with noise level {@code a}, which ODE ignores. */
  public static StepKernel of(StepKind kind, SigmaSchedule schedule, int step, double a) {
    double now = schedule.sigma(step);
    double after = schedule.sigma(step + 1);
    double dt = after - now;
    switch (kind) {
      case SDE -> {
        double rest = 1 - (now == 1 ? schedule.sigma(1) : now);
        double std = a * Math.sqrt(now / rest);
        double drift = std * std / (2 * now);
        return new StepKernel(
            kind,
            now,
            after,
            1 + drift * dt,
            (1 + drift * (1 - now)) * dt,
            std,
            std * Math.sqrt(-dt));
      }
      case CPS -> {
        double std = after * StrictMath.sin(a * Math.PI / 2);
        double kept = Math.sqrt(after * after - std * std);
        return new StepKernel(
            kind, now, after, 1 - after + kept, kept * (1 - now) - (1 - after) * now, std, std);
      }
      default -> {
        return new StepKernel(StepKind.ODE, now, after, 1, dt, 0, 0);
      }
    }
  }

  /** Step width {@code after - now}; negative. */
  public double dt() {
    return after - now;
  }

  /**
   * Means of the step, float32, with the shape and the manager of {@code x}.
   *
   * @param x latents before the step, (B, channels, height, width)
   * @param v guided velocities, of the same shape
   */
  public NDArray mean(NDArray x, NDArray v) {
    return TorchOps.call("step_mean", x, v, numbers(x));
  }

  /**
   * Latents after the step.
   *
   * @param mean result of {@link #mean}
   * @param noise standard normals of its shape; ignored by a step that draws none
   */
  public NDArray next(NDArray mean, NDArray noise) {
    return noiseScale == 0 ? mean : TorchOps.call("step_next", mean, noise, numbers(mean));
  }

  /**
   * Log-probabilities of the samples {@code next}, (B).
   *
   * @param mean result of {@link #mean}
   */
  public NDArray logProbs(NDArray mean, NDArray next) {
    requireNoise();
    return TorchOps.call("step_log_prob", mean, next, numbers(mean));
  }

  /**
   * The gradient of the log-probabilities with respect to v, {@code next} held fixed: {@code 2
   * precision velocityScale (next - mean) / D}, float64 of the shape of {@code mean}.
   *
   * @param mean result of {@link #mean}
   * @param upstream B factors of the samples' gradients
   */
  public NDArray logProbGradient(NDArray mean, NDArray next, double[] upstream) {
    return gradient("log_prob_gradient", mean, next, upstream);
  }

  /**
   * The same with one factor for each cell of the latents, applied to all its channels.
   *
   * @param upstream (B, height, width)
   */
  public NDArray cellLogProbGradient(NDArray mean, NDArray next, double[] upstream) {
    return gradient("cell_log_prob_gradient", mean, next, upstream);
  }

  private NDArray gradient(String operator, NDArray mean, NDArray next, double[] upstream) {
    requireNoise();
    long elements = mean.size() / mean.getShape().get(0);
    double[] factors = new double[upstream.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = upstream[i] * 2 * precision() * velocityScale / elements;
    }
    return TorchOps.call(operator, mean, next, Host.toNative(mean.getManager(), factors));
  }

  /** Arguments of the step operators, in their order, float64. */
  private NDArray numbers(NDArray like) {
    double constant = kind == StepKind.SDE ? -StrictMath.log(noiseScale) - HALF_LOG_2_PI : 0;
    return Host.toNative(
        like.getManager(),
        new double[] {sampleScale, velocityScale, noiseScale, constant, precision()});
  }

  /** Factor of the mean squared residual in the log-probability: 1 / (2 variance), or 1 for CPS. */
  private double precision() {
    return kind == StepKind.SDE ? 1 / (2 * noiseScale * noiseScale) : 1;
  }

  private void requireNoise() {
    if (!kind.stochastic() || kind == StepKind.SDE && noiseScale == 0) {
      throw new IllegalStateException(
          "a %s step from %s to %s with noise scale %s has no log-probability; train steps that draw noise"
              .formatted(kind, now, after, noiseScale));
    }
  }
}
