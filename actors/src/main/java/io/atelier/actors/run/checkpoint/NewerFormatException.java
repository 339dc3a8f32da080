package io.atelier.actors.run.checkpoint;

/** A checkpoint was written by a newer program: it is intact, but this program cannot read it. */
final class NewerFormatException extends CheckpointException {

  NewerFormatException(String message) {
    super(message);
  }
}
