package io.atelier.models.tensor;

import io.atelier.models.safetensors.DType;
import java.util.Locale;

/**
 * What the matrices of frozen weights are kept as. All else, and matrices that are small, is
 * float32 in any case.
 */
public enum StorageType {
  /** What their files have: those stay mapped. */
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

  /** Whether weights that were float32 keep all their bits. */
  public boolean isExact() {
    return this == STORED || this == FLOAT32;
  }

  /** As configurations and messages name it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
