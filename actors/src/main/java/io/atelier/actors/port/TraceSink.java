package io.atelier.actors.port;

import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.report.TrainedGroup;

/**
 * Receives the groups of a run once they are trained, with their traces. Called from one actor at a
 * time; must not block for long.
 */
@FunctionalInterface
public interface TraceSink {

  void group(TrainedGroup group);

  /** A worker loaded weights, and was idle meanwhile. */
  default void loaded(String worker, Span span) {}

  /** A sink that discards everything. */
  static TraceSink none() {
    return group -> {};
  }
}
