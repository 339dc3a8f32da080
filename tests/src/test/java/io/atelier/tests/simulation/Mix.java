package io.atelier.tests.simulation;

/**
 * Digests that stand for weights, images and scores: any input that differs changes the outcome.
 */
final class Mix {
  private Mix() {}

  static long of(long... values) {
    long state = 0x9E3779B97F4A7C15L;
    for (long value : values) {
      long z = (state ^ value) + 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      state = z ^ (z >>> 31);
    }
    return state;
  }

  static String hash(long content) {
    return Long.toHexString(content);
  }
}
