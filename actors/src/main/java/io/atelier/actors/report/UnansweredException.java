package io.atelier.actors.report;

/** An actor that should answer has stopped or does not answer; the message names it. */
public final class UnansweredException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnansweredException(String message) {
    super(message);
  }

  public UnansweredException(String message, Throwable cause) {
    super(message, cause);
  }
}
