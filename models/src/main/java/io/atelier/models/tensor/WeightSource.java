package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;

/** Weights by name, in a file or in memory. */
public interface WeightSource {

  /** Where the weights come from, for messages. */
  String origin();

  /** Whether loaded arrays may be written to; those of a mapped file may not. */
  boolean writable();

  boolean contains(String name);

  long[] shape(String name);

  /** The weight as a new native float32 array that {@code scope} owns. */
  NDArray load(String name, NDManager scope);

  /** Weights that lie in memory. */
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
