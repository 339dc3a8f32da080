package io.atelier.learner.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.rollout.flow.StepKind;
import org.junit.jupiter.api.Test;

class SurrogateTest {
  private static final Clip CLIP = new Clip(0.1, 0.2);

  @Test
  void shouldBeThePolicyGradientOnPolicy() {
    Surrogate surrogate = Surrogate.clipped(0, 3, CLIP);

    assertEquals(1, surrogate.ratio());
    assertEquals(-3, surrogate.slope());
  }

  @Test
  void shouldStopWhereTheMoveIsOutOfRangeAndWanted() {
    assertEquals(0, Surrogate.clipped(Math.log(1.3), 1, CLIP).slope());
    assertEquals(-1.2, Surrogate.clipped(Math.log(1.3), 1, CLIP).loss(), 1e-12);
    assertEquals(0, Surrogate.clipped(Math.log(0.8), -1, CLIP).slope());
    assertEquals(0.9, Surrogate.clipped(Math.log(0.8), -1, CLIP).loss(), 1e-12);
  }

  @Test
  void shouldComeBackWhereTheMoveIsOutOfRangeAndUnwanted() {
    assertEquals(1.3, Surrogate.clipped(Math.log(1.3), -1, CLIP).slope(), 1e-12);
    assertEquals(-0.8, Surrogate.clipped(Math.log(0.8), 1, CLIP).slope(), 1e-12);
  }

  @Test
  void shouldWeighByStalenessAndClipAroundTheProximalPolicy() {
    // Far off the sampling policy, but not moved since the update began: still trained.
    Surrogate surrogate = Surrogate.decoupled(0, Math.log(1.5), 2, CLIP);
    assertEquals(-3, surrogate.slope(), 1e-12);
    assertEquals(0, Surrogate.clipped(Math.log(1.5), 2, CLIP).slope());

    Surrogate fresh = Surrogate.decoupled(Math.log(1.1), 0, 2, CLIP);
    assertEquals(Surrogate.clipped(Math.log(1.1), 2, CLIP), fresh);
  }

  @Test
  void shouldTruncateWeightsInUnitsOfTheRange() {
    assertEquals(-2 * 1.3, Surrogate.truncated(Math.log(1.3), 2, CLIP, 3).slope(), 1e-12);
    assertEquals(-2 * 1.6, Surrogate.truncated(Math.log(5), 2, CLIP, 3).slope(), 1e-12);
    assertEquals(2 * 0.1, Surrogate.truncated(Math.log(0.1), -2, CLIP, 3).slope(), 1e-12);
  }

  @Test
  void shouldRefuseLossesThatHaveNoMeaning() {
    LossConfig variance = new LossConfig(CLIP, KlPenalty.GAUSSIAN, 0.1, false, Staleness.NONE, 1);
    LossConfig guard = new LossConfig(CLIP, KlPenalty.PLAIN, 0, true, Staleness.NONE, 1);

    variance.requireFits(StepKind.SDE);
    assertThrows(IllegalArgumentException.class, () -> variance.requireFits(StepKind.CPS));
    assertThrows(IllegalArgumentException.class, () -> guard.requireFits(StepKind.CPS));
    assertThrows(IllegalArgumentException.class, () -> guard.requireFits(StepKind.ODE));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LossConfig(CLIP, KlPenalty.PLAIN, 0, true, Staleness.DECOUPLED, 1));
    assertThrows(IllegalArgumentException.class, () -> new Clip(-0.1, 0));
  }
}
