package io.atelier.models.safetensors;

import java.util.Arrays;
import java.util.Optional;

/**
 * Element types, in ascending order of the reference library, which lays out a file by descending
 * type. Only {@link #readable} ones are converted; of the others only the size is known, so that
 * headers with them can be checked.
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

  /** The IEEE 754 half nearest to {@code value}, ties to even; too large a value gives infinity. */
  public static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: a multiple of 2^-24, which rint rounds to even
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
    }
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | Math.min(0x7c00, (rounded >>> 13) - (112 << 10)));
  }
}
