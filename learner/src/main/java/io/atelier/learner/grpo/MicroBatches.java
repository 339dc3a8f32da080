package io.atelier.learner.grpo;

import io.atelier.rollout.Trajectory;
import java.util.Arrays;

/** Cuts the trajectory of a group into micro-batches. */
final class MicroBatches {

  private MicroBatches() {}

  /**
   * Returns samples {@code from} (inclusive) to {@code to} (exclusive); if that is all of them, the
   * trajectory itself.
   */
  static Trajectory slice(Trajectory t, int from, int to) {
    int steps = t.steps();
    int batch = t.samples();
    if (from == 0 && to == batch) {
      return t;
    }
    int elements = t.elements();
    return new Trajectory(
        t.stepIndex(),
        t.latentShape(),
        columns(t.latents(), steps + 1, batch, elements, from, to),
        t.mean().length == 0 ? t.mean() : columns(t.mean(), steps, batch, elements, from, to),
        columns(t.logProb(), steps, batch, 1, from, to),
        t.prompt());
  }

  /** Returns one trained step of all samples. */
  static Trajectory row(Trajectory t, int row) {
    int steps = t.steps();
    int size = t.samples() * t.elements();
    return new Trajectory(
        new int[] {t.stepIndex()[row]},
        t.latentShape(),
        Arrays.copyOfRange(t.latents(), row * size, (row + 2) * size),
        row(t.mean(), steps, row),
        row(t.logProb(), steps, row),
        t.prompt());
  }

  /** Returns one row of a (T, B, D) array; empty for an empty array. */
  static float[] row(float[] values, int steps, int row) {
    int length = values.length / steps;
    return Arrays.copyOfRange(values, row * length, (row + 1) * length);
  }

  /** Returns samples {@code from} to {@code to} of a (T, B, D) array. */
  static float[] columns(float[] values, int steps, int batch, int elements, int from, int to) {
    int length = (to - from) * elements;
    float[] part = new float[steps * length];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(values, (t * batch + from) * elements, part, t * length, length);
    }
    return part;
  }
}
