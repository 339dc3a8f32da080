package io.atelier.models.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class Bfloat16Test {

  @Test
  void shouldKeepEveryBfloat16() {
    for (int bits = Short.MIN_VALUE; bits <= Short.MAX_VALUE; bits++) {
      float value = Bfloat16.of((short) bits);
      assertEquals((short) bits, Bfloat16.bits(value));
      assertTrue(Bfloat16.areAll(new float[] {value}));
      assertEquals(value, Bfloat16.round(value));
    }
  }

  @Test
  void shouldRoundToTheNearestAndTiesToEven() {
    assertEquals(1f, Bfloat16.round(0x1.00ffp0f));
    assertEquals(1f, Bfloat16.round(0x1.01p0f));
    assertEquals(0x1.02p0f, Bfloat16.round(0x1.0101p0f));
    assertEquals(0x1.04p0f, Bfloat16.round(0x1.03p0f));
    assertEquals(-0x1.02p0f, Bfloat16.round(-0x1.01ffp0f));
    assertEquals(Float.POSITIVE_INFINITY, Bfloat16.round(Float.MAX_VALUE));
    assertTrue(Float.isNaN(Bfloat16.round(Float.intBitsToFloat(0x7f800001))));
  }

  @Test
  void shouldTellValuesWithMoreBits() {
    assertTrue(Bfloat16.areAll(new float[] {1, -0f, 0x1.02p-3f}));
    assertFalse(Bfloat16.areAll(new float[] {1, 0x1.0002p0f}));
  }
}
