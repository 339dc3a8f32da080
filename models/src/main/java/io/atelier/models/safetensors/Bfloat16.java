package io.atelier.models.safetensors;

/** The bfloat16 format: the upper half of a float32, with 8 significant bits. */
public final class Bfloat16 {
  private static final int LOWER_HALF = 0xffff;

  private Bfloat16() {}

  /** The nearest bfloat16, ties to even; NaN stays NaN. */
  public static float round(float x) {
    if (Float.isNaN(x)) {
      return Float.NaN;
    }
    int bits = Float.floatToRawIntBits(x);
    int rounded = bits + 0x7fff + (bits >>> 16 & 1);
    return Float.intBitsToFloat(rounded & ~LOWER_HALF);
  }

  /** Whether all values are exact bfloat16 values. */
  public static boolean areAll(float[] values) {
    for (float value : values) {
      if ((Float.floatToRawIntBits(value) & LOWER_HALF) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The bits of a bfloat16 value; lower bits are cut off. */
  public static short bits(float x) {
    return (short) (Float.floatToRawIntBits(x) >>> 16);
  }

  /** The value with these bits. Exact. */
  public static float of(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
