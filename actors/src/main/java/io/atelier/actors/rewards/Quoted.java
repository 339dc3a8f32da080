package io.atelier.actors.rewards;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text of others in messages of ours: short, on one line, and without control characters. */
final class Quoted {

  private static final int MOST = 200;

  private Quoted() {}

  static String line(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
    return line.length() <= MOST ? line : line.substring(0, MOST) + "...";
  }

  /** The beginning of a body in UTF-8. */
  static String line(byte[] body) {
    int most = 4 * MOST; // bytes of a character
    return line(
        new String(Arrays.copyOf(body, Math.min(body.length, most)), StandardCharsets.UTF_8));
  }
}
