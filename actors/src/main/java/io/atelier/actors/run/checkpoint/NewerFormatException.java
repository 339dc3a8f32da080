package io.atelier.actors.run.checkpoint;

/** A checkpoint of a newer program. It is whole, but nobody here can say what is in it. */
final class NewerFormatException extends CheckpointException {

  NewerFormatException(String message) {
    super(message);
  }
}
