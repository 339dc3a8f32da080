package io.atelier.actors.guardian;

import io.atelier.actors.port.Failures;
import io.atelier.actors.report.RunFailedException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The last errors of a run. The conductor, which decides that a run fails, may be on another node
 * than an error, and knows its text alone: whoever saw it knows where it came from.
 */
final class Causes {
  private static final int REMEMBERED = 100;

  private final Deque<Throwable> errors = new ArrayDeque<>();

  void remember(Throwable error) {
    if (errors.size() == REMEMBERED) {
      errors.removeFirst();
    }
    errors.addLast(error);
  }

  /** The failure of a run, with the error that is its first cause if that was seen here. */
  RunFailedException failure(String firstCause) {
    return errors.stream()
        .filter(e -> firstCause.contains(Failures.describe(e)))
        .findFirst()
        .map(e -> new RunFailedException(firstCause, e))
        .orElseGet(() -> new RunFailedException(firstCause));
  }
}
