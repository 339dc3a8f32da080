package io.atelier.actors.config;

/** Checks of configuration records. */
final class Rules {

  private Rules() {}

  /**
   * @param message starts with the key and says the value and the rule: {@code steps is %d, must be
   *     at least 1}
   */
  static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
