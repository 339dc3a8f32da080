package io.atelier.actors.run.checkpoint;

/** A checkpoint that cannot be used. The message is one line and names the file. */
public class CheckpointException extends RuntimeException {

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
