package io.atelier.rollout.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EpochsTest {

  private static RandomStream random() {
    return new GroupNoise(1).stream(Purpose.CRITIC_UPDATE, 0);
  }

  /** Seven in threes: twice, then the one that is left is skipped. */
  @Test
  void shouldGoThroughOneOrderAfterTheOther() {
    RandomStream same = random();
    int[] first = same.permutation(7);
    int[] second = same.permutation(7);
    Epochs epochs = new Epochs(7, random());
    assertArrayEquals(Arrays.copyOf(first, 3), epochs.next(3));
    assertArrayEquals(Arrays.copyOfRange(first, 3, 6), epochs.next(3));
    assertArrayEquals(Arrays.copyOf(second, 3), epochs.next(3));
    int[] all = new Epochs(7, random()).next(7);
    Arrays.sort(all);
    assertEquals("[0, 1, 2, 3, 4, 5, 6]", Arrays.toString(all));
  }
}
