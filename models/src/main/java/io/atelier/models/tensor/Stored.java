package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.atelier.models.safetensors.DType;
import java.nio.ByteBuffer;

/**
 * Half-precision matrices: the mapped file itself, or rounded copies. An operator of {@link
 * TorchOps} that takes one converts it to float32 while it runs. A float16 matrix is an array of
 * that type. A bfloat16 one is an array of its bytes, with a last dimension twice as large, since
 * the tensor API cannot create an array of that type.
 */
public final class Stored {

  private Stored() {}

  static NDArray float16(NDManager scope, ByteBuffer mapped, long... shape) {
    return scope.create(mapped, new Shape(shape), DataType.FLOAT16);
  }

  static NDArray bfloat16(NDManager scope, ByteBuffer mapped, long... shape) {
    long[] bytes = shape.clone();
    bytes[bytes.length - 1] *= 2;
    NDArray array = scope.create(mapped, new Shape(bytes), DataType.UINT8);
    if (!array.getDevice().isGpu()) {
      return array;
    }
    try (array) { // already a copy, so it can have its own type
      return TorchOps.call("as_bfloat16", array);
    }
  }

  /**
   * A float32 matrix rounded to half precision, in the form of one from a half-precision file.
   *
   * @param type BF16 or F16
   */
  static NDArray packed(NDArray floats, DType type) {
    if (type == DType.F16) {
      return TorchOps.call("float16", floats);
    }
    return TorchOps.call(floats.getDevice().isGpu() ? "bfloat16" : "bfloat16_bytes", floats);
  }

  /** Whether a weight is stored in half precision instead of float32. */
  static boolean isPacked(NDArray weight) {
    return weight.getDataType() != DataType.FLOAT32;
  }

  /** Shape of a weight, whatever its storage type. */
  public static Shape shape(NDArray weight) {
    long[] shape = weight.getShape().getShape().clone();
    if (weight.getDataType() == DataType.UINT8) {
      shape[shape.length - 1] /= 2;
    }
    return new Shape(shape);
  }

  /** The weight as float32: itself if it is float32, otherwise a copy owned by its manager. */
  public static NDArray unpacked(NDArray weight) {
    return isPacked(weight) ? TorchOps.call("unpack", weight) : weight;
  }

  /** A float32 copy of the weight, owned by its manager. */
  static NDArray copy(NDArray weight) {
    return isPacked(weight) ? unpacked(weight) : weight.duplicate();
  }

  /**
   * Rows of a table, float32.
   *
   * @param indices int64, any shape; its manager owns the result
   * @param table (rows, width)
   * @return (shape of indices, width)
   */
  public static NDArray rows(NDArray indices, NDArray table) {
    return unpacked(JniUtils.embedding((PtNDArray) indices, (PtNDArray) table, false));
  }
}
