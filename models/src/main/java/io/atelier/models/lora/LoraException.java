package io.atelier.models.lora;

/** An adapter that cannot be read or written; the message names the file and the key. */
public final class LoraException extends RuntimeException {

  public LoraException(String message) {
    super(message);
  }

  public LoraException(String message, Throwable cause) {
    super(message, cause);
  }
}
