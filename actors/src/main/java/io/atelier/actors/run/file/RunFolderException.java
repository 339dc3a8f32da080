package io.atelier.actors.run.file;

/**
 * A run folder cannot be used as requested until a person changes something. The message is one
 * line and says what to do. A failure of the storage itself is a {@link ReadFailedException} or a
 * {@link WriteFailedException}.
 */
public final class RunFolderException extends RuntimeException {

  public RunFolderException(String message) {
    super(message);
  }

  public RunFolderException(String message, Throwable cause) {
    super(message, cause);
  }
}
