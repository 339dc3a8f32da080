package io.atelier.rollout.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SigmaScheduleTest {

  @Test
  void shouldShiftTwiceLikeTheReferenceScheduler() {
    float[] expected = {
      1f, 0.960129f, 0.913349f, 0.857692f, 0.790368f, 0.707278f, 0.602151f, 0.464876f, 0.278049f,
      0.008929f, 0f
    };
    assertArrayEquals(expected, SigmaSchedule.shifted(10, 3, 1000).sigmas(), 1e-6f);
  }

  @Test
  void shouldStartAtOneWhenThereIsASingleStep() {
    assertArrayEquals(new float[] {1, 0}, SigmaSchedule.shifted(1, 3, 1000).sigmas());
  }

  @Test
  void shouldSpaceEvenlyWithoutShift() {
    SigmaSchedule schedule = SigmaSchedule.shifted(4, 1, 1000);

    assertArrayEquals(new float[] {1, 0.667f, 0.334f, 0.001f, 0}, schedule.sigmas(), 1e-6f);
    assertEquals(667f, schedule.timestep(1), 1e-4f);
  }

  @Test
  void shouldRefuseNoStepsAndNoShift() {
    assertThrows(IllegalArgumentException.class, () -> SigmaSchedule.shifted(0, 3, 1000));
    assertThrows(IllegalArgumentException.class, () -> SigmaSchedule.shifted(4, 0, 1000));
    assertThrows(IllegalArgumentException.class, () -> SigmaSchedule.shifted(4, Double.NaN, 1000));
  }
}
