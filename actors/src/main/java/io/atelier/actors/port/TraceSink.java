package io.atelier.actors.port;

import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.report.TrainedGroup;

/**
 * Takes the groups of a run once they are trained, and their traces. Called from one actor at a
 * time; must not block for long.
 */
@FunctionalInterface
public interface TraceSink {

  void group(TrainedGroup group);

  /** A worker was idle while it loaded weights. */
  default void loaded(String worker, Span span) {}

  /** A sink that keeps nothing. */
  static TraceSink none() {
    return group -> {};
  }
}
