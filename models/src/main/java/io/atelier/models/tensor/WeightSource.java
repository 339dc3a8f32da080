package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import java.util.Arrays;

/** Weights by name, in a file or in memory. */
public interface WeightSource {

  /** Where the weights come from, for messages. */
  String origin();

  /** Whether loaded arrays may be written to; those of a mapped file may not. */
  boolean writable();

  boolean contains(String name);

  long[] shape(String name);

  /** The weight as a new native array that {@code scope} owns: float32 or {@link Stored}. */
  NDArray load(String name, NDManager scope);

  /** Fails if {@code source} lacks a weight or has it in another shape. */
  static void requireShape(WeightSource source, String name, long[] shape) {
    if (!source.contains(name)) {
      throw new IllegalArgumentException(
          "%s: tensor \"%s\" is missing; it should have shape %s"
              .formatted(source.origin(), name, Arrays.toString(shape)));
    }
    long[] actual = source.shape(name);
    if (!Arrays.equals(shape, actual)) {
      throw new IllegalArgumentException(
          "%s: tensor \"%s\" has shape %s, the configuration asks for %s"
              .formatted(source.origin(), name, Arrays.toString(actual), Arrays.toString(shape)));
    }
  }

  /** An error about a value that is NaN or infinite. */
  static IllegalArgumentException notFinite(String origin, String name, long element, float value) {
    return new IllegalArgumentException(
        "%s: tensor \"%s\" is %s at element %d; take another copy of the model"
            .formatted(origin, name, value, element));
  }

  /** Weights in memory. */
  static WeightSource of(String origin, NamedTensors tensors) {
    return new WeightSource() {
      @Override
      public String origin() {
        return origin;
      }

      @Override
      public boolean writable() {
        return true;
      }

      @Override
      public boolean contains(String name) {
        return tensors.contains(name);
      }

      @Override
      public long[] shape(String name) {
        return tensors.get(name).shape();
      }

      @Override
      public NDArray load(String name, NDManager scope) {
        return Host.toNative(scope, tensors.get(name));
      }
    };
  }
}
