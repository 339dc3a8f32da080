package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.state.NamedTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Copies between native arrays and JVM memory. */
public final class Host {

  private Host() {}

  /** A float32 array of the given shape in {@code scope}. */
  public static NDArray toNative(NDManager scope, float[] values, long... shape) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.length, Float.BYTES))
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
    return array.toFloatArray();
  }

  /** Shape and elements of a float32 array. */
  public static NamedTensors.Tensor tensor(NDArray array) {
    return new NamedTensors.Tensor(array.getShape().getShape(), floats(array));
  }
}
