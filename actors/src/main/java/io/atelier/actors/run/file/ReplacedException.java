package io.atelier.actors.run.file;

/** The run goes on under another conductor. */
public final class ReplacedException extends RuntimeException {
  public ReplacedException(String message) {
    super(message);
  }
}
