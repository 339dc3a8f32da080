package io.atelier.rollout.noise;

import java.util.Arrays;

/**
 * Order in which data is learned from: all numbers below a bound in a random order, then all in
 * another one, and so on. Not thread-safe.
 */
public final class Epochs {
  private final RandomStream random;
  private int[] numbers;
  private int used;

  /**
   * @param bound how much data there is, at least 1
   */
  public Epochs(int bound, RandomStream random) {
    this.random = random;
    this.numbers = random.permutation(bound);
  }

  /**
   * The next {@code count} different numbers, at most as many as there are; what is left of an
   * order and is less than that is skipped.
   */
  public int[] next(int count) {
    if (used + count > numbers.length) {
      numbers = random.permutation(numbers.length);
      used = 0;
    }
    used += count;
    return Arrays.copyOfRange(numbers, used - count, used);
  }
}
