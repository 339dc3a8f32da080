package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;

/**
 * The type that the velocity network computes in. Adapters, latents and results are always float32.
 */
public enum ComputeType {
  /** Half-precision weights are widened to it while they are used. */
  FLOAT32("float32"),
  /**
   * The range of float32 with 8 bits of precision: the type that Stable Diffusion 3.5 was trained
   * in.
   */
  BFLOAT16("bfloat16");

  private final String cast;

  ComputeType(String cast) {
    this.cast = cast;
  }

  /** {@code x} in this type, with the same manager; {@code x} itself if it has that type. */
  public NDArray of(NDArray x) {
    return this == FLOAT32 ? x : TorchOps.call(cast, x);
  }

  /** Its name in configurations and messages. */
  @Override
  public String toString() {
    return cast;
  }
}
