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

/** Copies between native arrays and JVM memory. */
public final class Host {

  /** libtorch's own. The array lies where the buffer lies, and kernels round by alignment. */
  private static final int ALIGNMENT = 64;

  private Host() {}

  /** A float32 array of the given shape in {@code scope}. */
  public static NDArray toNative(NDManager scope, float[] values, long... shape) {
    int bytes = Math.multiplyExact(values.length, Float.BYTES);
    // Both ends of an aligned slice move inwards: up to one unit each.
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.addExact(bytes, 2 * ALIGNMENT))
            .alignedSlice(ALIGNMENT)
            .limit(bytes)
            .slice()
            .order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(values);
    return scope.create(buffer, new Shape(shape), DataType.FLOAT32);
  }

  public static NDArray toNative(NDManager scope, NamedTensors.Tensor tensor) {
    return toNative(scope, tensor.values(), tensor.shape());
  }

  /** An int64 array of the given shape in {@code scope}. */
  public static NDArray toNative(NDManager scope, long[] values, long... shape) {
    return scope.create(values, new Shape(shape));
  }

  /** The elements of a float32 array, row-major. */
  public static float[] floats(NDArray array) {
    if (!array.getDevice().isGpu()) {
      return array.toFloatArray();
    }
    // By itself the tensor API leaves the copy to the array's manager, which may live for ever.
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

  /** The elements of a contiguous float32 array on the CPU where they lie, for as long as it is. */
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
