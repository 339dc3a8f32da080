package io.atelier.actors.transport;

/**
 * A limit of this machine is in the way, which somebody has to raise: the message says which, what
 * is needed and how. Starting again does not help.
 */
public final class HostLimitException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public HostLimitException(String message) {
    super(message);
  }

  public HostLimitException(String message, Throwable cause) {
    super(message, cause);
  }
}
