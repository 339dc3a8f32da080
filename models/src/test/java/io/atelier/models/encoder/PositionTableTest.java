package io.atelier.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTableTest {

  private static final int SIDE = 12;
  private static final int WIDTH = 2;

  /** Channel 0 of a place is its row, channel 1 its column. */
  private static float[] ramps() {
    float[] table = new float[SIDE * SIDE * WIDTH];
    for (int place = 0; place < SIDE * SIDE; place++) {
      table[place * WIDTH] = place / SIDE;
      table[place * WIDTH + 1] = place % SIDE;
    }
    return table;
  }

  /** Four taps around the place, a = -3/4, as PyTorch has them; the border is not asked for. */
  private static double tapped(double place) {
    double sum = 0;
    for (int k = (int) Math.floor(place) - 1; k <= Math.floor(place) + 2; k++) {
      double d = Math.abs(place - k);
      double weight =
          d < 1 ? 1.25 * d * d * d - 2.25 * d * d + 1 : -.75 * d * d * d + 3.75 * d * d - 6 * d + 3;
      sum += weight * k;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"OFFSET,20,.1", "PLAIN,20,0", "OFFSET,9,.1", "PLAIN,9,0"})
  void shouldReadAtThePlacesOfTheReference(PositionTable way, int to, double offset) {
    check(way, to, i -> tapped((i + .5) * SIDE / (to + offset) - .5));
  }

  /** With a = -1/2, which antialiasing has, cubic interpolation keeps a ramp. */
  @ParameterizedTest
  @ValueSource(ints = {20, 37})
  void shouldKeepARampWithAntialiasing(int to) {
    check(PositionTable.ANTIALIASED, to, i -> (i + .5) * SIDE / to - .5);
  }

  private static void check(PositionTable way, int to, IntToDoubleFunction expected) {
    float[] resized = way.at(ramps(), WIDTH, SIDE, to);
    assertEquals(to * to * WIDTH, resized.length);
    for (int y = to / 3; y < 2 * to / 3; y++) {
      for (int x = to / 3; x < 2 * to / 3; x++) {
        int at = (y * to + x) * WIDTH;
        assertEquals(expected.applyAsDouble(y), resized[at], 1e-5, "row " + y);
        assertEquals(expected.applyAsDouble(x), resized[at + 1], 1e-5, "column " + x);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldLeaveATableOfTheRightSizeAlone(PositionTable way) {
    float[] table = ramps();
    assertSame(table, way.at(table, WIDTH, SIDE, SIDE));
  }
}
