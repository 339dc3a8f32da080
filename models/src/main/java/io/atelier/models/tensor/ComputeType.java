package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;

/** What the velocity network computes in. Adapters, latents and results are float32 in any case. */
public enum ComputeType {
  /** As stored weights of half precision are widened to while they are used. */
  FLOAT32("float32"),
  /** The range of float32 with 8 bits of precision: what Stable Diffusion 3.5 was trained in. */
  BFLOAT16("bfloat16");

  private final String cast;

  ComputeType(String cast) {
    this.cast = cast;
  }

  /** {@code x} in this type, with the same manager; itself if it is. */
  public NDArray of(NDArray x) {
    return this == FLOAT32 ? x : TorchOps.call(cast, x);
  }

  /** As configurations and messages name it. */
  @Override
  public String toString() {
    return cast;
  }
}
