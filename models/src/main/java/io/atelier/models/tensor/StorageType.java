package io.atelier.models.tensor;

import io.atelier.models.safetensors.DType;
import java.util.Locale;

/**
 * The type that matrices of frozen weights are stored in. Other tensors, and small matrices, are
 * always float32.
 */
public enum StorageType {
  /** The type of their files, which stay mapped. */
  STORED,
  FLOAT32,
  BFLOAT16,
  /** Values up to 65504. */
  FLOAT16;

  /**
   * The element type of a matrix in memory.
   *
   * @param file its type in the file
   */
  DType of(DType file) {
    return switch (this) {
      case STORED -> file;
      case FLOAT32 -> DType.F32;
      case BFLOAT16 -> DType.BF16;
      case FLOAT16 -> DType.F16;
    };
  }

  /** Whether float32 weights keep all their bits. */
  public boolean isExact() {
    return this == STORED || this == FLOAT32;
  }

  /** Its name in configurations and messages. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
