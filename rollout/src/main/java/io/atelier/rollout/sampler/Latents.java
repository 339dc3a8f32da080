package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;

/** Batches of latents as native arrays, (B, channels, height, width) float32. */
public final class Latents {
  private Latents() {}

  /**
   * Copies latents from JVM memory.
   *
   * @param values (B, D) row-major
   * @param shape (channels, height, width) of a latent, D in all
   */
  public static NDArray of(NDManager scope, float[] values, int[] shape) {
    int elements = Math.multiplyExact(Math.multiplyExact(shape[0], shape[1]), shape[2]);
    if (values.length == 0 || values.length % elements != 0) {
      throw new IllegalArgumentException(
          "%d values are not a batch of latents of %d x %d x %d"
              .formatted(values.length, shape[0], shape[1], shape[2]));
    }
    return Host.toNative(scope, values, values.length / elements, shape[0], shape[1], shape[2]);
  }

  /**
   * A copy of the latents {@code from} (inclusive) to {@code to} (exclusive). It is aligned like a
   * new array, since rounding in libtorch's kernels depends on alignment.
   */
  static NDArray part(NDManager scope, NDArray latents, int from, int to) {
    try (NDArray view = TorchOps.slice(latents, 0, from, to)) {
      NDArray copy = view.duplicate();
      copy.attach(scope);
      return copy;
    }
  }
}
