package io.atelier.models.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import io.atelier.models.state.NamedTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Consumer;

/**
 * Copies between native arrays and JVM memory. Copies are allocated by libtorch: an array that the
 * tensor API creates from values lies in a JVM buffer, which is freed when the array is closed,
 * even if a view or a graph that awaits its backward pass still reads it.
 */
public final class Host {

  private Host() {}

  /** A float32 array of the given shape in {@code scope}. */
  public static NDArray toNative(NDManager scope, float[] values, long... shape) {
    return copied(
        scope, DataType.FLOAT32, values.length, shape, to -> to.asFloatBuffer().put(values));
  }

  /** A float64 array of one dimension in {@code scope}. */
  public static NDArray toNative(NDManager scope, double[] values) {
    long[] shape = {values.length};
    return copied(
        scope, DataType.FLOAT64, values.length, shape, to -> to.asDoubleBuffer().put(values));
  }

  /** A float64 scalar in {@code scope}. */
  public static NDArray toNative(NDManager scope, double value) {
    return copied(scope, DataType.FLOAT64, 1, new long[0], to -> to.putDouble(value));
  }

  /** A float32 scalar in {@code scope}. */
  public static NDArray toNative(NDManager scope, float value) {
    return copied(scope, DataType.FLOAT32, 1, new long[0], to -> to.putFloat(value));
  }

  /** An int64 array of the given shape in {@code scope}. */
  public static NDArray toNative(NDManager scope, long[] values, long... shape) {
    return copied(scope, DataType.INT64, values.length, shape, to -> to.asLongBuffer().put(values));
  }

  public static NDArray toNative(NDManager scope, NamedTensors.Tensor tensor) {
    return toNative(scope, tensor.values(), tensor.shape());
  }

  /**
   * @param count number of values, which must fill the shape
   */
  private static NDArray copied(
      NDManager scope, DataType type, int count, long[] shape, Consumer<ByteBuffer> values) {
    Shape of = new Shape(shape);
    if (of.size() != count) {
      throw new IllegalArgumentException("%d values for an array of shape %s".formatted(count, of));
    }
    if (scope.getDevice().isGpu()) { // the buffer is copied to the GPU
      ByteBuffer buffer =
          ByteBuffer.allocateDirect(Math.multiplyExact(count, type.getNumOfBytes()))
              .order(ByteOrder.nativeOrder());
      values.accept(buffer.duplicate().order(ByteOrder.nativeOrder()));
      return scope.create(buffer, of, type);
    }
    NDArray array = scope.create(of, type);
    if (count > 0) {
      values.accept(((PtNDArray) array).toByteBuffer(true).order(ByteOrder.nativeOrder()));
    }
    return array;
  }

  /** The elements of a float32 array, row-major. */
  public static float[] floats(NDArray array) {
    if (!array.getDevice().isGpu()) {
      return array.toFloatArray();
    }
    // Otherwise the tensor API attaches the copy to the array's manager, which may live for ever.
    try (NDArray copy = array.toDevice(Device.cpu(), true)) {
      return copy.toFloatArray();
    }
  }

  /** The elements of a float64 array, row-major. */
  public static double[] doubles(NDArray array) {
    if (!array.getDevice().isGpu()) {
      return array.toDoubleArray();
    }
    try (NDArray copy = array.toDevice(Device.cpu(), true)) {
      return copy.toDoubleArray();
    }
  }

  /**
   * A view of the elements of a contiguous float32 array on the CPU, valid as long as the array.
   */
  public static FloatBuffer view(NDArray array) {
    return ((PtNDArray) array).toByteBuffer(true).asFloatBuffer();
  }

  /** The value of a float64 scalar. */
  public static double number(NDArray scalar) {
    return doubles(scalar)[0];
  }

  /** Shape and elements of a float32 array. */
  public static NamedTensors.Tensor tensor(NDArray array) {
    return new NamedTensors.Tensor(array.getShape().getShape(), floats(array));
  }
}
