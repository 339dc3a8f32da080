package io.atelier.models.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.TorchOps;
import io.atelier.models.tensor.TrainedParameters;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * A float32 array for each weight, on the weight's device and with its lifetime. Must be used
 * without gradient recording.
 */
final class WeightArrays {

  /**
   * Elements processed at once, to bound float64 temporaries: on the CPU as many as fit into its
   * cache, on a GPU enough to amortise the call. Results do not depend on it.
   */
  private static final int CPU_PART = 1 << 16;

  private static final int GPU_PART = 1 << 24;

  private final SortedMap<String, NDArray> arrays;

  /** Arrays of zeros. */
  WeightArrays(TrainedParameters weights) {
    arrays = weights.zeros();
  }

  NDArray get(String name) {
    return arrays.get(name);
  }

  /** In ascending order of names. */
  Map<String, NDArray> asMap() {
    return arrays;
  }

  void clear() {
    arrays.values().forEach(WeightArrays::clear);
  }

  private static void clear(NDArray array) {
    try (NDManager work = array.getManager().newSubManager()) {
      TorchOps.call("zero_", array).attach(work);
    }
  }

  /** Adds copies of the arrays to {@code target}, their names prefixed with {@code prefix}. */
  void read(String prefix, Map<String, Tensor> target) {
    arrays.forEach((name, array) -> target.put(prefix + name, Host.tensor(array)));
  }

  /**
   * Overwrites the arrays.
   *
   * @throws IllegalArgumentException naming an array that is missing or of another shape; all are
   *     then unchanged
   */
  void write(NamedTensors source, String prefix) {
    arrays.forEach((name, array) -> requireShape(array, source.get(prefix + name), prefix + name));
    arrays.forEach((name, array) -> apply("copy_", array, source.get(prefix + name)));
  }

  private static void requireShape(NDArray array, Tensor saved, String name) {
    long[] shape = array.getShape().getShape();
    if (!Arrays.equals(shape, saved.shape())) {
      throw Tensors.otherShape(name, saved.shape(), shape);
    }
  }

  /** Applies an in-place operation to an array, with values of its shape. */
  static void apply(String operation, NDArray array, Tensor values) {
    try (NDManager work = array.getManager().newSubManager()) {
      TorchOps.call(operation, array, Host.toNative(work, values)).attach(work);
    }
  }

  /**
   * Passes arrays of one shape to {@code body} part by part, each part as flat views in a scope of
   * its own.
   */
  static void inParts(Consumer<NDArray[]> body, NDArray... arrays) {
    try (NDManager work = arrays[0].getManager().newSubManager()) {
      NDArray[] flat = new NDArray[arrays.length];
      for (int i = 0; i < flat.length; i++) {
        flat[i] = arrays[i].reshape(-1);
        flat[i].attach(work);
      }
      long part = arrays[0].getDevice().isGpu() ? GPU_PART : CPU_PART;
      long size = flat[0].size();
      for (long from = 0; from < size; from += part) {
        long to = Math.min(from + part, size);
        try (NDManager scope = work.newSubManager()) {
          NDArray[] views = new NDArray[flat.length];
          for (int i = 0; i < views.length; i++) {
            views[i] = TorchOps.slice(flat[i], 0, from, to);
            views[i].attach(scope);
          }
          body.accept(views);
        }
      }
    }
  }
}
