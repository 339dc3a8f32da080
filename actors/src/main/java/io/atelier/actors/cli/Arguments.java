package io.atelier.actors.cli;

import java.util.Optional;

/** What a command was told, as far as it could be read. */
public final class Arguments {

  /** What stands for bytes that are no text in UTF-8. */
  private static final int UNREADABLE = 0xFFFD;

  private Arguments() {}

  /**
   * Why an argument cannot be what was typed; empty if all can.
   *
   * @param encoding in which they were read, as the JVM names it
   */
  static Optional<String> problem(String encoding, String... arguments) {
    for (String argument : arguments) {
      if (argument.indexOf(UNREADABLE) >= 0) {
        return Optional.of(
            "the argument \"%s\" has bytes that are not UTF-8; have the terminal or the file it comes"
                    .formatted(argument)
                + " from in UTF-8");
      }
      // the JVM puts a question mark for what it cannot read
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
