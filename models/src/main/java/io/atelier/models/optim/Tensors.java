package io.atelier.models.optim;

import io.atelier.models.state.NamedTensors.Tensor;
import java.util.Arrays;

final class Tensors {

  private Tensors() {}

  /** Copies the values of {@code source} into {@code target}; fails unless the shapes agree. */
  static void overwrite(Tensor target, Tensor source, String name) {
    if (!Arrays.equals(target.shape(), source.shape())) {
      throw new IllegalArgumentException(
          "tensor \"%s\" of the saved state has shape %s where %s is needed; it is from another run"
              .formatted(name, Arrays.toString(source.shape()), Arrays.toString(target.shape())));
    }
    System.arraycopy(source.values(), 0, target.values(), 0, target.values().length);
  }
}
