package io.atelier.models.files;

/** A file that cannot be used; the message names the file, the key and its value. */
public final class FileException extends IllegalArgumentException {

  public FileException(String message) {
    super(message);
  }

  public FileException(String message, Throwable cause) {
    super(message, cause);
  }
}
