package io.atelier.learner.grpo;

import io.atelier.rollout.Trajectory;

/** Cuts the trajectory of a group into parts that the network takes at once. */
final class MicroBatches {

  private MicroBatches() {}

  /** Samples {@code from} (inclusive) to {@code to} (exclusive); the trajectory itself if all. */
  static Trajectory slice(Trajectory t, int from, int to) {
    int steps = t.stepIndex().length;
    int batch = t.logProb().length / steps;
    if (from == 0 && to == batch) {
      return t;
    }
    int elements = t.before().length / t.logProb().length;
    return new Trajectory(
        t.stepIndex(),
        t.latentShape(),
        columns(t.before(), steps, batch, elements, from, to),
        columns(t.after(), steps, batch, elements, from, to),
        t.mean().length == 0 ? t.mean() : columns(t.mean(), steps, batch, elements, from, to),
        columns(t.logProb(), steps, batch, 1, from, to));
  }

  /** The same part of a (T, B, D) array. */
  static float[] columns(float[] values, int steps, int batch, int elements, int from, int to) {
    int length = (to - from) * elements;
    float[] part = new float[steps * length];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(values, (t * batch + from) * elements, part, t * length, length);
    }
    return part;
  }
}
