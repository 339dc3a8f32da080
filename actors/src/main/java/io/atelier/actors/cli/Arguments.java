package io.atelier.actors.cli;

import java.util.Optional;

/** Checks that the JVM decoded the arguments of a command correctly. */
public final class Arguments {

  /** The replacement character, put for bytes that are not UTF-8. */
  private static final int UNREADABLE = 0xFFFD;

  private Arguments() {}

  /**
   * Returns why an argument cannot be what was typed; empty if all of them can.
   *
   * @param encoding that the JVM decoded them with, by the JVM's name for it
   */
  static Optional<String> problem(String encoding, String... arguments) {
    for (String argument : arguments) {
      if (argument.indexOf(UNREADABLE) >= 0) {
        return Optional.of(
            "the argument \"%s\" has bytes that are not UTF-8; set the terminal or the file it comes"
                    .formatted(argument)
                + " from to UTF-8");
      }
      // the JVM puts a question mark for what it cannot decode
      if (!encoding.equalsIgnoreCase("UTF-8")
          && argument.chars().anyMatch(c -> c > 0x7F || c == '?')) {
        return Optional.of(
            "the argument \"%s\" was read as %s and may not be what was typed; start by ./atelier,"
                    .formatted(argument, encoding)
                + " or set LC_ALL=C.UTF-8");
      }
    }
    return Optional.empty();
  }
}
