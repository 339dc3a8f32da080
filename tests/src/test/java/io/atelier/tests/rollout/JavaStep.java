package io.atelier.tests.rollout;

import io.atelier.rollout.flow.StepKernel;
import io.atelier.rollout.flow.StepKind;

/**
 * The arithmetic of a denoising step in plain Java, one element after the other: what the operators
 * are held against. Samples lie one behind the other, (B, D) row-major.
 */
public record JavaStep(StepKernel kernel) {
  private static final double HALF_LOG_2_PI = 0.5 * StrictMath.log(2 * Math.PI);

  public float mean(float[] x, float[] v, int i) {
    return (float) (kernel.sampleScale() * x[i] + kernel.velocityScale() * v[i]);
  }

  public float[] means(float[] x, float[] v) {
    float[] means = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      means[i] = mean(x, v, i);
    }
    return means;
  }

  public float[] next(float[] x, float[] v, float[] noise) {
    float[] next = means(x, v);
    for (int i = 0; i < x.length && kernel.noiseScale() != 0; i++) {
      next[i] = (float) (next[i] + kernel.noiseScale() * noise[i]);
    }
    return next;
  }

  /** Log-probability of the sample at {@code count} elements from {@code offset}. */
  public float logProb(float[] x, float[] v, float[] next, int offset, int count) {
    double squares = 0;
    for (int i = offset; i < offset + count; i++) {
      double residual = next[i] - mean(x, v, i);
      squares += residual * residual;
    }
    double constant =
        kernel.kind() == StepKind.SDE ? -StrictMath.log(kernel.noiseScale()) - HALF_LOG_2_PI : 0;
    return (float) (constant - precision() * (squares / count));
  }

  /** Adds the gradient of that with respect to v, times {@code upstream}. */
  public void addLogProbGradient(
      float[] x,
      float[] v,
      float[] next,
      int offset,
      int count,
      double upstream,
      double[] gradient) {
    double factor = upstream * 2 * precision() * kernel.velocityScale() / count;
    for (int i = offset; i < offset + count; i++) {
      gradient[i] += factor * (next[i] - mean(x, v, i));
    }
  }

  private double precision() {
    double scale = kernel.noiseScale();
    return kernel.kind() == StepKind.SDE ? 1 / (2 * scale * scale) : 1;
  }
}
