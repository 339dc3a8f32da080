package io.atelier.models.vision;

import io.atelier.models.safetensors.Bfloat16;

/** How programs convert a value 0..1 to a byte. */
public enum Rounding {
  /** {@code 255 x}, rounded half to even. Atelier uses this everywhere. */
  ROUND {
    @Override
    int level(float x) {
      return (int) Math.rint(255f * x);
    }
  },
  /**
   * {@code x} to -1..1 and back in float32, times 255, truncated: lowers 63 of the 256 levels by
   * one. The published discriminator path does this to references and samples.
   */
  TRUNCATE {
    @Override
    int level(float x) {
      float signed = 2f * x - 1f;
      return (int) ((signed / 2f + 0.5f) * 255f);
    }
  },
  /** {@code x} rounded to bfloat16, then {@link #ROUND}. */
  BFLOAT16_THEN_ROUND {
    @Override
    int level(float x) {
      return (int) Math.rint(255f * Bfloat16.round(x));
    }
  },
  /** All arithmetic in bfloat16. */
  ROUND_IN_BFLOAT16 {
    @Override
    int level(float x) {
      return (int) Math.rint(Bfloat16.round(255f * Bfloat16.round(x)));
    }
  };

  abstract int level(float x);

  /** The byte for {@code x}; values outside 0..1 are clamped first, NaN is rejected. */
  public byte toByte(float x) {
    if (Float.isNaN(x)) {
      throw new IllegalArgumentException("a pixel is NaN: the network that drew it has diverged");
    }
    return (byte) level(Math.max(0, Math.min(1, x)));
  }
}
