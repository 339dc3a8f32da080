package io.atelier.actors.port;

import akka.actor.ActorInitializationException;
import java.util.concurrent.CompletionException;

/** Finds and describes the cause of a failure. */
public final class Failures {
  private Failures() {}

  /** The failure itself, without the wrappers of futures and actors. */
  public static RuntimeException unwrap(Throwable error) {
    Throwable cause = error;
    while ((cause instanceof CompletionException || cause instanceof ActorInitializationException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(cause.toString(), cause);
  }

  /** One line: the message, or the kind of failure if it has none. */
  public static String describe(Throwable error) {
    return error.getMessage() == null || error.getMessage().isBlank()
        ? error.getClass().getSimpleName()
        : error.getMessage();
  }
}
