package io.atelier.rollout.flow;

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
 * <p>The log-probability of {@code next} is a mean over the D elements of a sample, so the ratios
 * made of it are geometric means over elements: SDE {@code mean(-(next - mean)^2 / (2
 * noiseScale^2)) - ln(noiseScale) - ln(2 pi) / 2}; CPS {@code mean(-(next - mean)^2)}. Means are
 * rounded to float32 once, sums are float64, log-probabilities are rounded to float32 once.
 *
 * @param kind how the step is taken
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
   * Mean of element {@code i}.
   *
   * @param x latents before the step
   * @param v guided velocities
   */
  public float mean(float[] x, float[] v, int i) {
    return (float) (sampleScale * x[i] + velocityScale * v[i]);
  }

  /** Means of {@code count} elements from {@code offset}, into the same places of {@code out}. */
  public void mean(float[] x, float[] v, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = mean(x, v, i);
    }
  }

  /**
   * Takes the step for {@code count} elements from {@code offset}.
   *
   * @param noise standard normals; not read by a step that draws none
   * @param out receives the latents after the step, at the same places
   */
  public void next(float[] x, float[] v, float[] noise, int offset, int count, float[] out) {
    mean(x, v, offset, count, out);
    if (noiseScale != 0) {
      for (int i = offset; i < offset + count; i++) {
        out[i] = (float) (out[i] + noiseScale * noise[i]);
      }
    }
  }

  /** Log-probability of the sample that lies at {@code count} elements from {@code offset}. */
  public float logProb(float[] x, float[] v, float[] next, int offset, int count) {
    requireNoise();
    double squares = 0;
    for (int i = offset; i < offset + count; i++) {
      double residual = next[i] - mean(x, v, i);
      squares += residual * residual;
    }
    double constant = kind == StepKind.SDE ? -StrictMath.log(noiseScale) - HALF_LOG_2_PI : 0;
    return (float) (constant - precision() * (squares / count));
  }

  /**
   * Adds {@code upstream} times the gradient of the log-probability with respect to v, {@code next}
   * held fixed: {@code 2 precision velocityScale (next - mean) / D}.
   *
   * @param gradient receives the sum, at the places of v
   */
  public void addLogProbGradient(
      float[] x,
      float[] v,
      float[] next,
      int offset,
      int count,
      double upstream,
      double[] gradient) {
    requireNoise();
    double factor = upstream * 2 * precision() * velocityScale / count;
    for (int i = offset; i < offset + count; i++) {
      gradient[i] += factor * (next[i] - mean(x, v, i));
    }
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
