package io.atelier.actors.cli;

import java.util.Optional;

/** A command that came to a bad end which is explained. */
final class CommandFailedException extends RuntimeException {

  private final String hint;

  CommandFailedException(String message) {
    this(message, "", null);
  }

  /**
   * @param hint what to do, on a line of its own; empty for none
   */
  CommandFailedException(String message, String hint, Throwable cause) {
    super(message, cause);
    this.hint = hint;
  }

  Optional<String> hint() {
    return Optional.of(hint).filter(text -> !text.isEmpty());
  }
}
