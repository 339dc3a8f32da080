package io.atelier.rollout.noise;

import java.util.Arrays;

/**
 * The order of training data: all numbers below a bound in random order, then all in another order,
 * and so on. Not thread-safe.
 */
public final class Epochs {
  private final RandomStream random;
  private int[] numbers;
  private int used;

  /**
   * @param bound number of data items, at least 1
   */
  public Epochs(int bound, RandomStream random) {
    this.random = random;
    this.numbers = random.permutation(bound);
  }

  /**
   * The next {@code count} different numbers, at most as many as there are; if fewer are left of an
   * order, they are skipped.
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
