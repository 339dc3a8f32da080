package io.atelier.rollout.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Levels and noise of the forward process. */
class ForwardProcessTest {
  private static final GroupNoise NOISE = new GroupNoise(9);

  /** Steps 1 to 8 in six parts: 1, 2, 3 and 4, 5, 6, 7 and 8. */
  @Test
  void shouldDrawOneStepOfEachPart() {
    ForwardTimes times = new ForwardTimes(6, 1, 9);
    int[][] parts = {{1}, {2}, {3, 4}, {5}, {6}, {7, 8}};
    for (int k = 0; k < parts.length; k++) {
      Set<Integer> drawn = new TreeSet<>();
      for (int slot = 0; slot < 40; slot++) {
        drawn.add(times.step(NOISE, new GroupId(3, slot), k));
      }
      Set<Integer> expected = new TreeSet<>();
      for (int step : parts[k]) {
        expected.add(step);
      }
      assertEquals(expected, drawn, "part " + k);
    }
  }

  @Test
  void shouldDrawTheSameForTheSameGroupAndSeed() {
    ForwardTimes times = new ForwardTimes(1, 0, 1000);
    GroupId group = new GroupId(2, 5);
    int step = times.step(NOISE, group, 0);
    assertEquals(step, times.step(new GroupNoise(9), group, 0));
    Set<Integer> others = new TreeSet<>();
    others.add(step);
    others.add(times.step(new GroupNoise(10), group, 0));
    others.add(times.step(NOISE, new GroupId(5, 2), 0));
    assertTrue(others.size() > 1, others::toString);
  }

  @Test
  void shouldRefuseMoreLevelsThanSteps() {
    for (int[] wrong : new int[][] {{0, 0, 4}, {5, 0, 4}, {4, 1, 4}, {1, -1, 4}}) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class, () -> new ForwardTimes(wrong[0], wrong[1], wrong[2]));
      assertTrue(refused.getMessage().startsWith("times " + wrong[0]), refused.getMessage());
    }
  }

  /** x = 0.75 x0 + 0.25 noise, v = noise - x0. */
  @Test
  void shouldAddNoiseOfALevel() {
    NoisedLatents noised = new NoisedLatents(4);
    noised.set(0, new float[] {1, -2}, new float[] {3, 0.5f}, 0.25f);
    noised.set(2, new float[] {4, 8}, new float[] {0, 1}, 1);
    assertArrayEquals(new float[] {1.5f, -1.375f, 0, 1}, noised.latents());
    assertArrayEquals(new float[] {2, 2.5f, -4, -7}, noised.velocities());
    assertThrows(
        IllegalArgumentException.class, () -> noised.set(0, new float[2], new float[1], 0.5f));
  }
}
