package io.atelier.models.safetensors;

/** A safetensors file that cannot be read or written: the message names file, tensor and offset. */
public final class SafetensorsException extends RuntimeException {

  public SafetensorsException(String message) {
    super(message);
  }

  public SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }
}
