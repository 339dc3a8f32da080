package io.atelier.actors.report;

/** A run failed; the message is the first cause. */
public final class RunFailedException extends RuntimeException {
  public RunFailedException(String firstCause) {
    super(firstCause);
  }

  public RunFailedException(String firstCause, Throwable cause) {
    super(firstCause, cause);
  }
}
