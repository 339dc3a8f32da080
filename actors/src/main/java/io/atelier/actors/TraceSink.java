package io.atelier.actors;

import io.atelier.actors.ledger.Span;

/** Takes the traces of a run. Called from one actor at a time; must not block for long. */
@FunctionalInterface
public interface TraceSink {

  void group(GroupTrace trace);

  /** A worker stood still to take new weights over. */
  default void loaded(String worker, Span span) {}

  /** A sink that keeps nothing. */
  static TraceSink none() {
    return trace -> {};
  }
}
