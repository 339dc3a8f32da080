package io.atelier.reward.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CriticLossTest {

  private static final double LN2 = 0.6931471805599453;

  @Test
  void shouldGiveTheLossesWorkedOutByHand() {
    assertEquals(LN2, CriticLoss.LOGISTIC.of(20, 20), 1e-15, "of a tie");
    // ln(1 + e^-2) and ln(1 + e^2)
    assertEquals(0.12692801104297252, CriticLoss.LOGISTIC.of(21, 19), 1e-15);
    assertEquals(2.1269280110429727, CriticLoss.LOGISTIC.of(19, 21), 1e-15);
    assertEquals(2 * LN2, CriticLoss.CROSS_ENTROPY.of(0, 0), 1e-15, "of knowing nothing");
    // ln(1 + e^-1) + ln(1 + e^-2)
    assertEquals(
        0.31326168751822286 + 0.12692801104297252, CriticLoss.CROSS_ENTROPY.of(1, -2), 1e-15);
    assertEquals(0, CriticLoss.HINGE.of(1.5, -1));
    assertEquals(0.75 + 1.5, CriticLoss.HINGE.of(0.25, 0.5), 1e-15);
    assertEquals(3, CriticLoss.HINGE.of(-2, -4), 1e-15);
  }

  @Test
  void shouldGiveTheSlopesWorkedOutByHand() {
    assertEquals(-0.5, CriticLoss.LOGISTIC.referenceSlope(3, 3));
    assertEquals(0.5, CriticLoss.LOGISTIC.generatedSlope(3, 3));
    // 1 / (1 + e^-2)
    assertEquals(0.8807970779778823, CriticLoss.LOGISTIC.generatedSlope(1, 3), 1e-15);
    assertEquals(-0.8807970779778823, CriticLoss.LOGISTIC.referenceSlope(1, 3), 1e-15);
    assertEquals(-0.5, CriticLoss.CROSS_ENTROPY.referenceSlope(0, 7));
    assertEquals(0.8807970779778823, CriticLoss.CROSS_ENTROPY.generatedSlope(7, 2), 1e-15);
  }

  /** References 1, -1 and generated images 0, 2, -3. */
  @Test
  void shouldGiveEachSideItsOwnMean() {
    CriticLoss.Sides sides = CriticLoss.HINGE.over(new float[] {1, -1}, new float[] {0, 2, -3});
    // (0 + 2) / 2 + (1 + 3 + 0) / 3
    assertEquals(1 + 4.0 / 3, sides.loss(), 1e-15);
    assertArrayEquals(new double[] {0, -0.5}, sides.reference());
    assertArrayEquals(new double[] {1.0 / 3, 1.0 / 3, 0}, sides.generated(), 1e-15);
    CriticLoss.Sides smooth =
        CriticLoss.CROSS_ENTROPY.over(new float[] {0, 0}, new float[] {0, 0, 0});
    assertEquals(2 * LN2, smooth.loss(), 1e-15);
    assertArrayEquals(new double[] {-0.25, -0.25}, smooth.reference(), 1e-15);
    assertArrayEquals(new double[] {1 / 6.0, 1 / 6.0, 1 / 6.0}, smooth.generated(), 1e-15);
  }

  /** Pairs (1, 1), (3, 1) and (1, 3): the first reference again. */
  @Test
  void shouldPairInOrderAndBeginTheSmallerSideAgain() {
    CriticLoss.Sides sides = CriticLoss.LOGISTIC.over(new float[] {1, 3}, new float[] {1, 1, 3});
    assertEquals((LN2 + 0.12692801104297252 + 2.1269280110429727) / 3, sides.loss(), 1e-15);
    double near = 0.11920292202211755; // 1 / (1 + e^2)
    double far = 0.8807970779778823;
    assertArrayEquals(new double[] {-(0.5 + far) / 3, -near / 3}, sides.reference(), 1e-15);
    assertArrayEquals(new double[] {0.5 / 3, near / 3, far / 3}, sides.generated(), 1e-15);
    CriticLoss.Sides other = CriticLoss.LOGISTIC.over(new float[] {1, 3, 3}, new float[] {1});
    assertEquals((LN2 + 2 * 0.12692801104297252) / 3, other.loss(), 1e-15);
    assertArrayEquals(new double[] {(0.5 + 2 * near) / 3}, other.generated(), 1e-15);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSayThatWhatIsNoNumberIsNone(CriticLoss loss) {
    float[] broken = {1, Float.NaN};
    assertTrue(Double.isNaN(loss.over(broken, new float[] {1, 1}).loss()));
    assertTrue(Double.isNaN(loss.over(new float[] {1, 1}, broken).loss()));
  }

  @ParameterizedTest
  @EnumSource
  void shouldHaveSlopesThatAreDerivatives(CriticLoss loss) {
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
  void shouldStayFiniteFarOut(CriticLoss loss) {
    for (double[] pair : new double[][] {{1e4, -1e4}, {-1e4, 1e4}}) {
      assertTrue(Double.isFinite(loss.of(pair[0], pair[1])));
      assertTrue(Double.isFinite(loss.referenceSlope(pair[0], pair[1])));
      assertTrue(Double.isFinite(loss.generatedSlope(pair[0], pair[1])));
    }
    assertEquals(0, loss.of(1e4, -1e4));
  }
}
