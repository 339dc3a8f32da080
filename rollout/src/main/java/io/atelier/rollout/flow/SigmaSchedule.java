package io.atelier.rollout.flow;

import java.util.Arrays;

/**
 * The noise levels of a sampling run, with the float32 values of the Euler flow-matching scheduler
 * of {@code diffusers}: the training levels n/T are shifted by {@code s(u) = shift u / (1 + (shift
 * - 1) u)}, and the N levels between the largest and the smallest of them are shifted a second
 * time.
 *
 * <p>Step i goes from {@link #sigma sigma(i)} to sigma(i + 1); step 0 is the noisiest and the last
 * ends at 0.
 */
public final class SigmaSchedule {
  private final float[] sigmas;
  private final int trainTimesteps;

  private SigmaSchedule(float[] sigmas, int trainTimesteps) {
    this.sigmas = sigmas;
    this.trainTimesteps = trainTimesteps;
  }

  /**
   * The schedule of {@code steps} steps.
   *
   * @param shift ratio that favours noisy levels, positive; 3 for Stable Diffusion 3, 1 for none
   * @param trainTimesteps number T of training levels, 1000 for all known models
   */
  public static SigmaSchedule shifted(int steps, double shift, int trainTimesteps) {
    if (steps < 1) {
      throw new IllegalArgumentException(
          "sampling needs at least 1 denoising step, got %d".formatted(steps));
    }
    if (!(shift > 0) || Double.isInfinite(shift) || trainTimesteps < 1) {
      throw new IllegalArgumentException(
          "a schedule needs a positive shift and training levels, got shift %s and %d levels"
              .formatted(shift, trainTimesteps));
    }
    // The training levels are float32 in diffusers, the sampling levels float64 until the end.
    float smallest = 1f / trainTimesteps;
    float factor = (float) shift;
    float rest = (float) (shift - 1);
    double low = (double) (factor * smallest / (1 + rest * smallest)) * trainTimesteps;
    double high = (double) (factor * 1f / (1 + rest * 1f)) * trainTimesteps;
    float[] sigmas = new float[steps + 1];
    for (int i = 0; i < steps; i++) {
      double timestep =
          i == 0 ? high : i == steps - 1 ? low : high + i * ((low - high) / (steps - 1));
      double level = timestep / trainTimesteps;
      sigmas[i] = (float) (shift * level / (1 + (shift - 1) * level));
    }
    return new SigmaSchedule(sigmas, trainTimesteps);
  }

  /** Number of steps N. */
  public int steps() {
    return sigmas.length - 1;
  }

  /** Noise level before step {@code index}, or after the last one for N: 1 down to 0. */
  public float sigma(int index) {
    return sigmas[index];
  }

  /** The timestep given to the network at step {@code step}: T sigma, in float32. */
  public float timestep(int step) {
    return sigmas[step] * trainTimesteps;
  }

  /** All N + 1 levels, as a copy. */
  public float[] sigmas() {
    return sigmas.clone();
  }

  @Override
  public String toString() {
    return "SigmaSchedule" + Arrays.toString(sigmas);
  }
}
