package io.atelier.models.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HalfTest {

  @Test
  void shouldGiveBackEveryHalf() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = DType.halfToFloat((short) bits);
      if (!Float.isNaN(value)) {
        assertEquals((short) bits, DType.floatToHalf(value), "half " + Integer.toHexString(bits));
      }
    }
  }

  @Test
  void shouldRoundToTheNearestHalfAndTiesToEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = DType.halfToFloat((short) bits);
      float high = DType.halfToFloat((short) (bits + 1));
      float middle = low + (high - low) / 2;
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertEquals((short) even, DType.floatToHalf(middle), "middle above " + low);
      assertEquals((short) bits, DType.floatToHalf(Math.nextDown(middle)), "below " + middle);
      assertEquals((short) (bits + 1), DType.floatToHalf(Math.nextUp(middle)), "above " + middle);
    }
  }

  @Test
  void shouldRefuseWhatIsNotFiniteAsAHalf() {
    float[] large = {1, 70_000};
    SafetensorsWriter writer = new SafetensorsWriter();
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> writer.addHalf("w", new long[] {2}, large));
    assertEquals("tensor \"w\": element 1 is 70000.0, which F16 cannot hold", e.getMessage());
  }
}
