package io.atelier.tests.learner;

import io.atelier.rollout.Trajectory;

/** Some samples of a trajectory, cut out one value at a time. */
final class Halves {
  private Halves() {}

  static Trajectory of(Trajectory t, int from, int to) {
    int steps = t.stepIndex().length;
    int samples = t.logProb().length / steps;
    return new Trajectory(
        t.stepIndex(),
        t.latentShape(),
        cut(t.latents(), steps + 1, samples, from, to),
        new float[0],
        cut(t.logProb(), steps, samples, from, to),
        t.prompt());
  }

  private static float[] cut(float[] values, int steps, int samples, int from, int to) {
    int size = values.length / steps / samples;
    float[] part = new float[steps * (to - from) * size];
    int place = 0;
    for (int i = 0; i < values.length; i++) {
      int sample = i / size % samples;
      if (sample >= from && sample < to) {
        part[place++] = values[i];
      }
    }
    return part;
  }
}
