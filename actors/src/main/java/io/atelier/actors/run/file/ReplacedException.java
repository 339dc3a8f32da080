package io.atelier.actors.run.file;

/** Another conductor has taken over the run. */
public final class ReplacedException extends RuntimeException {
  public ReplacedException(String message) {
    super(message);
  }
}
