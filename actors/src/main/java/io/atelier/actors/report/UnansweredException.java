package io.atelier.actors.report;

/** Who should answer is not there, or does not; the message is a sentence that says who. */
public final class UnansweredException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnansweredException(String message) {
    super(message);
  }

  public UnansweredException(String message, Throwable cause) {
    super(message, cause);
  }
}
