package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.safetensors.TensorInfo;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.state.NamedTensors;

/**
 * Weights of a safetensors file as native arrays. Those stored as F32, and {@link Stored} matrices
 * of half precision, are the mapped file itself, without a copy, and must not be written to; what
 * else is stored in half precision, which is small, is converted to float32.
 *
 * @param tensors the file
 * @param storedFrom bytes from which a matrix of half precision stays as it is: to convert it
 *     whenever it is used costs time, to keep it converted costs memory
 */
public record SafetensorsWeights(TensorSource tensors, long storedFrom) implements WeightSource {

  /** Less than any matrix of Stable Diffusion 3 that matters, more than any of a small model. */
  public static final long STORED_FROM = 1 << 20;

  public SafetensorsWeights(TensorSource tensors) {
    this(tensors, STORED_FROM);
  }

  @Override
  public String origin() {
    return tensors.path().toString();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public boolean contains(String name) {
    return tensors.contains(name);
  }

  @Override
  public long[] shape(String name) {
    return tensors.info(name).shape();
  }

  @Override
  public NDArray load(String name, NDManager scope) {
    TensorInfo info = tensors.info(name);
    if (info.dtype().equals("F32")) {
      return scope.create(tensors.bytes(name), new Shape(info.shape()), DataType.FLOAT32);
    }
    if (!staysPacked(info)) {
      return Host.toNative(scope, tensors.floats(name), info.shape());
    }
    return info.dtype().equals("BF16")
        ? Stored.bfloat16(scope, tensors.bytes(name), info.shape())
        : Stored.float16(scope, tensors.bytes(name), info.shape());
  }

  /** The same as float32 arrays of their own, which may be written to. */
  public WeightSource inMemory() {
    SafetensorsWeights file = this;
    return new WeightSource() {
      @Override
      public String origin() {
        return file.origin();
      }

      @Override
      public boolean writable() {
        return true;
      }

      @Override
      public boolean contains(String name) {
        return file.contains(name);
      }

      @Override
      public long[] shape(String name) {
        return file.shape(name);
      }

      @Override
      public NDArray load(String name, NDManager scope) {
        try (NDManager work = scope.newSubManager()) {
          NDArray mapped = file.load(name, work);
          NDArray own = Stored.isPacked(mapped) ? Stored.unpacked(mapped) : mapped.duplicate();
          own.attach(scope);
          return own;
        }
      }
    };
  }

  private boolean staysPacked(TensorInfo info) {
    boolean matrix = info.shape().length == 2 || info.shape().length == 3;
    boolean half = info.dtype().equals("BF16") || info.dtype().equals("F16");
    return matrix && half && info.bytes() >= storedFrom;
  }

  /**
   * Fails at the first value of a weight that is not finite; reads it from the file, without an
   * array.
   */
  public void requireFinite(String name) {
    tensors
        .firstNotFinite(name)
        .ifPresent(
            place -> {
              throw WeightSource.notFinite(
                  origin(), name, place, tensors.floats(name)[(int) place]);
            });
  }

  /** Whether a weight stays in half precision, as its file has it. */
  public boolean isPacked(String name) {
    return staysPacked(tensors.info(name));
  }

  /** Whether a weight is the mapped file itself. */
  public boolean isMapped(String name) {
    TensorInfo info = tensors.info(name);
    return info.dtype().equals("F32") || staysPacked(info);
  }

  /** Bytes that a weight takes once it is loaded. */
  public long loadedBytes(String name) {
    TensorInfo info = tensors.info(name);
    return staysPacked(info)
        ? info.bytes()
        : (long) Float.BYTES * NamedTensors.elements(info.shape());
  }
}
