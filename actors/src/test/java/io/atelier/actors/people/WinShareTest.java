package io.atelier.actors.people;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WinShareTest {

  private static final double SIX = 5e-7;

  /**
   * Wilson's interval by its formula, as for 14 of 20: middle (.7 + z² / 40) / (1 + z² / 20) =
   * .667775, half z sqrt(.21 / 20 + z² / 1600) / (1 + z² / 20) = .186748; the sign test by
   * counting, as 2 * 60,460 / 2^20 for the same.
   */
  @ParameterizedTest
  @CsvSource({
    "14, 6, 0.7, 0.481027, 0.854523, 0.115318, 58",
    "0, 5, 0, 0, 0.434482, 0.0625, 11",
    "5, 5, 0.5, 0.236593, 0.763407, 1, 83",
    "1, 0, 1, 0.206549, 1, 1, 15",
    "29, 11, 0.725, 0.571650, 0.838920, 0.006427, 34",
    "72, 28, 0.72, 0.625120, 0.798603, 0.000013, 0",
  })
  void shouldSayHowSureItIs(
      int wins, int losses, double share, double low, double high, double sign, int toGo) {
    WinShare measured = new WinShare(wins, losses, 3);
    assertEquals(share, measured.share().orElseThrow(), SIX);
    assertEquals(low, measured.interval().orElseThrow().low(), SIX);
    assertEquals(high, measured.interval().orElseThrow().high(), SIX);
    assertEquals(sign, measured.signTest().orElseThrow(), SIX);
    assertEquals(toGo, measured.pairsToGo());
  }

  @Test
  void shouldSayNothingWithoutADecidedPair() {
    WinShare none = new WinShare(0, 0, 7);
    assertEquals(Optional.empty(), none.share());
    assertEquals(Optional.empty(), none.interval());
    assertEquals(Optional.empty(), none.signTest());
    assertEquals(93, none.pairsToGo(), "z / 2 / sqrt(n + z²) is .1 at n = 92.2");
    assertThrows(IllegalArgumentException.class, () -> new WinShare(-1, 0, 0));
  }

  @Test
  void shouldStayFiniteForManyPairs() {
    WinShare many = new WinShare(600_000, 400_000, 0);
    assertEquals(0, many.signTest().orElseThrow());
    assertEquals(2.728464e-10, new WinShare(600, 400, 0).signTest().orElseThrow(), 1e-16);
  }
}
