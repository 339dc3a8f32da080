package io.atelier.rollout.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

/** The vectors that Random123 publishes for philox4x32 with ten rounds. */
class PhiloxTest {

  @Test
  void shouldGiveThePublishedWordsForZeroCounterAndKey() {
    assertArrayEquals(
        new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, block(0L, 0, 0, 0, 0));
  }

  @Test
  void shouldGiveThePublishedWordsForAllOnes() {
    assertArrayEquals(
        new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, block(-1L, -1, -1, -1, -1));
  }

  @Test
  void shouldGiveThePublishedWordsForDigitsOfPi() {
    assertArrayEquals(
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
        block(0x299f31d0_a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344));
  }

  private static int[] block(long key, int c0, int c1, int c2, int c3) {
    int[] out = new int[Philox.WORDS];
    Philox.block(key, c0, c1, c2, c3, out);
    return out;
  }
}
