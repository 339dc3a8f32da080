package io.atelier.rollout.flow;

/**
 * Clean latents with added noise, {@code x = (1 - sigma) x0 + sigma noise}, and their velocity
 * {@code noise - x0}, the network's target in flow matching (Lipman et al. 2022; Esser et al. 2024,
 * section 2). Float32, (B, D) row-major.
 *
 * @param latents x
 * @param velocities noise - x0
 */
public record NoisedLatents(float[] latents, float[] velocities) {

  /** Allocates {@code size} values of each. */
  public NoisedLatents(int size) {
    this(new float[size], new float[size]);
  }

  /**
   * Noises some latents and writes the result.
   *
   * @param at index of their first value
   * @param clean x0
   * @param noise standard normals, of the same length
   * @param sigma noise level, 0 to 1
   */
  public void set(int at, float[] clean, float[] noise, float sigma) {
    if (clean.length != noise.length) {
      throw new IllegalArgumentException(
          "%d latent values and %d noise values, must be the same number"
              .formatted(clean.length, noise.length));
    }
    for (int i = 0; i < clean.length; i++) {
      latents[at + i] = (1 - sigma) * clean[i] + sigma * noise[i];
      velocities[at + i] = noise[i] - clean[i];
    }
  }
}
