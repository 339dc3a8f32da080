package io.atelier.models.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atelier.models.safetensors.DType;
import io.atelier.models.safetensors.TensorInfo;
import io.atelier.models.safetensors.TensorSource;
import io.atelier.models.state.NamedTensors;
import java.util.OptionalLong;

/**
 * Weights of a safetensors file as native arrays. Those stored as F32, and {@link Stored} matrices
 * of half precision, are the mapped file itself, without a copy, and must not be written to; other
 * half-precision tensors, which are small, are converted to float32. Matrices with another storage
 * type are converted to it when they are loaded.
 *
 * @param tensors the file
 * @param storedFrom size in bytes from which a half-precision matrix stays in half precision:
 *     converting it at each use costs time, keeping it converted costs memory
 * @param storage storage type of matrices
 */
public record SafetensorsWeights(TensorSource tensors, long storedFrom, StorageType storage)
    implements WeightSource {

  /** The smallest value that float16 rounds to infinity. */
  private static final float BEYOND_FLOAT16 = 65520;

  /** Less than any relevant matrix of Stable Diffusion 3, more than any of a small model. */
  public static final long STORED_FROM = 1 << 20;

  public SafetensorsWeights(TensorSource tensors) {
    this(tensors, STORED_FROM);
  }

  public SafetensorsWeights(TensorSource tensors, long storedFrom) {
    this(tensors, storedFrom, StorageType.STORED);
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
    if (isConverted(name)) {
      return converted(name, scope);
    }
    return isMapped(name)
        ? mapped(name, scope)
        : Host.toNative(scope, tensors.floats(name), shape(name));
  }

  /** The mapped file itself, F32, BF16 or F16; other types are rejected. */
  private NDArray mapped(String name, NDManager scope) {
    TensorInfo info = tensors.info(name);
    return switch (info.dtype()) {
      case "F32" -> scope.create(tensors.bytes(name), new Shape(info.shape()), DataType.FLOAT32);
      case "BF16" -> Stored.bfloat16(scope, tensors.bytes(name), info.shape());
      case "F16" -> Stored.float16(scope, tensors.bytes(name), info.shape());
      default -> Host.toNative(scope, tensors.floats(name), info.shape()); // rejects the type
    };
  }

  private NDArray converted(String name, NDManager scope) {
    DType type = kept(name);
    if (type == DType.F16) {
      requireFloat16(name);
    }
    try (NDManager work = scope.newSubManager()) {
      NDArray floats = Stored.unpacked(mapped(name, work));
      NDArray kept = type == DType.F32 ? floats : Stored.packed(floats, type);
      kept.attach(scope);
      return kept;
    }
  }

  private void requireFloat16(String name) {
    OptionalLong place = tensors.firstFrom(name, BEYOND_FLOAT16);
    if (place.isPresent()) {
      throw new IllegalArgumentException(
          "%s: tensor \"%s\" is %s at element %d, and float16 ends at 65504; keep the weights as bfloat16"
              .formatted(
                  origin(),
                  name,
                  tensors.floats(name)[(int) place.getAsLong()],
                  place.getAsLong()));
    }
  }

  /** The same as separate float32 arrays with the values of the file, which may be written to. */
  public WeightSource inMemory() {
    SafetensorsWeights file = new SafetensorsWeights(tensors, storedFrom);
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
          NDArray own = Stored.copy(file.load(name, work));
          own.attach(scope);
          return own;
        }
      }
    };
  }

  private DType kept(TensorInfo info, StorageType as) {
    DType wanted = as.of(DType.valueOf(info.dtype()));
    boolean matrix = info.shape().length == 2 || info.shape().length == 3;
    boolean half = wanted == DType.BF16 || wanted == DType.F16;
    long bytes = (long) wanted.bytes() * NamedTensors.elements(info.shape());
    return matrix && half && bytes >= storedFrom ? wanted : DType.F32;
  }

  /** The type that a weight is stored in: F32, or for a matrix BF16 or F16. */
  public DType kept(String name) {
    return kept(tensors.info(name), storage);
  }

  /** Whether a weight is stored in another type than with {@link StorageType#STORED}. */
  public boolean isConverted(String name) {
    TensorInfo info = tensors.info(name);
    return kept(info, storage) != kept(info, StorageType.STORED);
  }

  /**
   * Fails at the first value of a weight that is not finite, in the file or in its storage type;
   * reads the file, without creating an array.
   */
  public void requireFinite(String name) {
    tensors
        .firstNotFinite(name)
        .ifPresent(
            place -> {
              throw WeightSource.notFinite(
                  origin(), name, place, tensors.floats(name)[(int) place]);
            });
    if (isConverted(name) && kept(name) == DType.F16) {
      requireFloat16(name);
    }
  }

  /** Whether a weight is stored in half precision. */
  public boolean isPacked(String name) {
    return kept(name) != DType.F32;
  }

  /** Whether a weight is the mapped file itself. */
  public boolean isMapped(String name) {
    return kept(name).name().equals(tensors.info(name).dtype());
  }

  /** Bytes of a loaded weight. */
  public long loadedBytes(String name) {
    return (long) kept(name).bytes() * NamedTensors.elements(tensors.info(name).shape());
  }
}
