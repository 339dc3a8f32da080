package io.atelier.actors.run;

/** A run folder that cannot be used as asked. The message is one line and says what to do. */
public final class RunFolderException extends RuntimeException {

  public RunFolderException(String message) {
    super(message);
  }

  public RunFolderException(String message, Throwable cause) {
    super(message, cause);
  }
}
