package io.atelier.actors.wire;

/** A message that cannot be sent, or bytes that are not a message. Says what was expected. */
public final class WireException extends RuntimeException {

  public WireException(String message) {
    super(message);
  }

  public WireException(String message, Throwable cause) {
    super(message, cause);
  }
}
