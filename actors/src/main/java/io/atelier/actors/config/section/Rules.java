package io.atelier.actors.config.section;

/** Checks of configuration records. */
public final class Rules {

  private Rules() {}

  /**
   * @param message starts with the key and says the value and the rule: {@code steps is %d, must be
   *     at least 1}
   */
  public static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
