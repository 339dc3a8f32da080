package io.atelier.actors.rewards;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text of others in messages of ours. */
final class Quoted {

  private static final int MOST = 200;

  private Quoted() {}

  /** On one line, without what changes a terminal or the direction of writing. */
  static String line(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
  }

  /** The same, and short. */
  static String brief(String text) {
    String line = line(text);
    return line.length() <= MOST ? line : line.substring(0, MOST) + "...";
  }

  /** The end of a text, in the same way. */
  static String end(String text) {
    String line = line(text);
    return line.length() <= MOST ? line : "..." + line.substring(line.length() - MOST);
  }

  /** The beginning of a body in UTF-8. */
  static String brief(byte[] body) {
    int most = 4 * MOST; // bytes of a character
    return brief(
        new String(Arrays.copyOf(body, Math.min(body.length, most)), StandardCharsets.UTF_8));
  }
}
