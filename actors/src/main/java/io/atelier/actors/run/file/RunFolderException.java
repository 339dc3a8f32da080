package io.atelier.actors.run.file;

/**
 * A run folder that cannot be used as asked until a person changes something. The message is one
 * line and says what to do. What the storage itself did wrong is a {@link ReadFailedException} or a
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
