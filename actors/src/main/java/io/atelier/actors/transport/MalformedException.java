package io.atelier.actors.transport;

/** Bytes that are not what they should be. */
public final class MalformedException extends RuntimeException {
  public MalformedException(String message) {
    super(message);
  }
}
