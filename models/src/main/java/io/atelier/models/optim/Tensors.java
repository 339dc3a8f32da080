package io.atelier.models.optim;

import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;

final class Tensors {

  private Tensors() {}

  /** Copies the values of {@code source} into {@code target}; fails unless the shapes agree. */
  static void overwrite(Tensor target, Tensor source, String name) {
    if (!Arrays.equals(target.shape(), source.shape())) {
      throw otherShape(name, source.shape(), target.shape());
    }
    System.arraycopy(source.values(), 0, target.values(), 0, target.values().length);
  }

  static IllegalArgumentException otherShape(String name, long[] saved, long[] needed) {
    return new IllegalArgumentException(
        "tensor \"%s\" of the saved state has shape %s where %s is needed; it is from another run"
            .formatted(name, Arrays.toString(saved), Arrays.toString(needed)));
  }
}
