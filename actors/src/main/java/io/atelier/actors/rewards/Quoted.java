package io.atelier.actors.rewards;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Foreign text in our messages. */
final class Quoted {

  private static final int MOST = 200;

  private Quoted() {}

  /** Returns it on one line, without characters that control a terminal or text direction. */
  static String line(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
  }

  /** Returns the beginning of such a line. */
  static String brief(String text) {
    String line = line(text);
    return line.length() <= MOST ? line : line.substring(0, MOST) + "...";
  }

  /** Returns the end of such a line. */
  static String end(String text) {
    String line = line(text);
    return line.length() <= MOST ? line : "..." + line.substring(line.length() - MOST);
  }

  /** Returns the beginning of a body in UTF-8, as such a line. */
  static String brief(byte[] body) {
    int most = 4 * MOST; // a character has at most 4 bytes
    return brief(
        new String(Arrays.copyOf(body, Math.min(body.length, most)), StandardCharsets.UTF_8));
  }
}
