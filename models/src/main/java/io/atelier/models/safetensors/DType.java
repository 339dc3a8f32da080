package io.atelier.models.safetensors;

import java.util.Arrays;
import java.util.Optional;

/**
 * Element types, in ascending order of the reference library, which lays a file out by descending
 * type. Only those that are {@link #readable} are ever converted; the others are known by size so
 * that a header with them can still be checked.
 */
public enum DType {
  BOOL(1, false),
  U8(1, true),
  I8(1, false),
  F8_E5M2(1, false),
  F8_E4M3(1, false),
  I16(2, false),
  U16(2, false),
  F16(2, true),
  BF16(2, true),
  I32(4, false),
  U32(4, false),
  F32(4, true),
  F64(8, false),
  I64(8, true),
  U64(8, false);

  private final int bytes;
  private final boolean readable;

  DType(int bytes, boolean readable) {
    this.bytes = bytes;
    this.readable = readable;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether Atelier reads and writes tensors of this type. */
  public boolean readable() {
    return readable;
  }

  static Optional<DType> of(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** The float32 with the value of {@code bits} as an IEEE 754 half. Exact. */
  public static float halfToFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) { // zero and subnormal halves: fraction * 2^-24 is a normal float
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  /** The float32 with the value of {@code bits} as a bfloat16: its upper half. Exact. */
  static float bfloatToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
