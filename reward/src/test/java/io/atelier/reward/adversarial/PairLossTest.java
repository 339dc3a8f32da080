package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PairLossTest {

  private static final double LN2 = 0.6931471805599453;

  @Test
  void shouldGiveTheLossesWorkedOutByHand() {
    assertEquals(LN2, PairLoss.LOGISTIC.of(20, 20), 1e-15, "of a tie");
    // ln(1 + e^-2) and ln(1 + e^2)
    assertEquals(0.12692801104297252, PairLoss.LOGISTIC.of(21, 19), 1e-15);
    assertEquals(2.1269280110429727, PairLoss.LOGISTIC.of(19, 21), 1e-15);
    assertEquals(2 * LN2, PairLoss.CROSS_ENTROPY.of(0, 0), 1e-15, "of knowing nothing");
    // ln(1 + e^-1) + ln(1 + e^-2)
    assertEquals(
        0.31326168751822286 + 0.12692801104297252, PairLoss.CROSS_ENTROPY.of(1, -2), 1e-15);
  }

  @Test
  void shouldGiveTheSlopesWorkedOutByHand() {
    assertEquals(-0.5, PairLoss.LOGISTIC.referenceSlope(3, 3));
    assertEquals(0.5, PairLoss.LOGISTIC.generatedSlope(3, 3));
    // 1 / (1 + e^-2)
    assertEquals(0.8807970779778823, PairLoss.LOGISTIC.generatedSlope(1, 3), 1e-15);
    assertEquals(-0.8807970779778823, PairLoss.LOGISTIC.referenceSlope(1, 3), 1e-15);
    assertEquals(-0.5, PairLoss.CROSS_ENTROPY.referenceSlope(0, 7));
    assertEquals(0.8807970779778823, PairLoss.CROSS_ENTROPY.generatedSlope(7, 2), 1e-15);
  }

  @ParameterizedTest
  @EnumSource
  void shouldHaveSlopesThatAreDerivatives(PairLoss loss) {
    double step = 1e-5;
    for (double[] pair : new double[][] {{0, 0}, {1.5, -0.5}, {-2, 1}, {21, 19.5}}) {
      double r = pair[0];
      double g = pair[1];
      assertEquals(
          (loss.of(r + step, g) - loss.of(r - step, g)) / (2 * step),
          loss.referenceSlope(r, g),
          1e-9);
      assertEquals(
          (loss.of(r, g + step) - loss.of(r, g - step)) / (2 * step),
          loss.generatedSlope(r, g),
          1e-9);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldStayFiniteFarOut(PairLoss loss) {
    for (double[] pair : new double[][] {{1e4, -1e4}, {-1e4, 1e4}}) {
      assertTrue(Double.isFinite(loss.of(pair[0], pair[1])));
      assertTrue(Double.isFinite(loss.referenceSlope(pair[0], pair[1])));
      assertTrue(Double.isFinite(loss.generatedSlope(pair[0], pair[1])));
    }
    assertEquals(0, loss.of(1e4, -1e4));
  }
}
