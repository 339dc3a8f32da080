package io.atelier.actors.config.section;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Seeds: 64 bits, written as a whole number from 0 to 2^64 - 1 as other programs print them. */
public final class Seed {

  private static final BigDecimal END = new BigDecimal(BigInteger.ONE.shiftLeft(64));

  static final String RULE = "must be a whole number from 0 to 18446744073709551615";

  private Seed() {}

  /**
   * Parses the bits of a seed.
   *
   * @throws IllegalArgumentException if the text is not an unsigned 64-bit number
   */
  public static long parse(String text) {
    BigDecimal value;
    try {
      value = new BigDecimal(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(RULE, e);
    }
    // In this order, so that neither 1e999999999 nor 1e-999999999 is written out.
    if (value.signum() < 0 || value.compareTo(END) >= 0 || value.stripTrailingZeros().scale() > 0) {
      throw new IllegalArgumentException(RULE);
    }
    return value.toBigInteger().longValue();
  }

  /** Returns a seed as configurations have it. */
  public static String text(long seed) {
    return Long.toUnsignedString(seed);
  }
}
