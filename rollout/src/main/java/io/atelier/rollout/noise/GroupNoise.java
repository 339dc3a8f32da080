package io.atelier.rollout.noise;

import io.atelier.rollout.GroupId;

/**
 * All randomness of a run. A stream is identified by its purpose, group, sample and denoising step,
 * which together with the block number fill Philox's counter: {@code (block, purpose << 28 |
 * denoisingStep << 16 | sample, slot, step)}. The run's seed is the key.
 *
 * @param seed the run's seed
 */
public record GroupNoise(long seed) {

  /** Number of samples and of denoising steps that the counter has room for. */
  public static final int SAMPLES_MAX = 1 << 16;

  public static final int DENOISING_STEPS_MAX = 1 << 12;

  /** The stream of one sample at one denoising step. */
  public RandomStream stream(Purpose purpose, GroupId group, int sample, int denoisingStep) {
    requireBelow("sample", sample, SAMPLES_MAX);
    requireBelow("denoising step", denoisingStep, DENOISING_STEPS_MAX);
    int place = purpose.ordinal() << 28 | denoisingStep << 16 | sample;
    return new RandomStream(seed, place, group.slot(), group.step());
  }

  /** The stream of a whole group. */
  public RandomStream stream(Purpose purpose, GroupId group) {
    return stream(purpose, group, 0, 0);
  }

  /** The stream of a whole step, or of the run with step 0. */
  public RandomStream stream(Purpose purpose, int step) {
    return stream(purpose, new GroupId(step, 0));
  }

  /**
   * Normal noise of a batch of samples, each from its own stream, so that a sample does not depend
   * on the size of its batch.
   *
   * @param samples number of samples G
   * @param elements values of each sample D
   * @return standard normals, (G, D) row-major
   */
  public float[] normals(
      Purpose purpose, GroupId group, int denoisingStep, int samples, int elements) {
    float[] noise = new float[Math.multiplyExact(samples, elements)];
    for (int sample = 0; sample < samples; sample++) {
      stream(purpose, group, sample, denoisingStep).fillNormal(noise, sample * elements, elements);
    }
    return noise;
  }

  private static void requireBelow(String what, int value, int limit) {
    if (value < 0 || value >= limit) {
      throw new IllegalArgumentException(
          "%s %d has no noise stream; it must be 0 to %d".formatted(what, value, limit - 1));
    }
  }
}
