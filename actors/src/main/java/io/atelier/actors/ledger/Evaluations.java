package io.atelier.actors.ledger;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The evaluations that are due. One runs at a time, aside from the steps; if they come faster than
 * they are done, the one that waits is skipped, unless it is the first or the last of the run.
 */
final class Evaluations {
  private final int every;
  private final int lastStep;
  private final Deque<Integer> waiting = new ArrayDeque<>();
  private Optional<Integer> running = Optional.empty();

  Evaluations(int every, int lastStep) {
    this.every = every;
    this.lastStep = lastStep;
  }

  /** A version exists; returns the evaluation that is skipped for it, if any. */
  Optional<Integer> reached(int step) {
    if (every == 0 || step % every != 0 && step != lastStep) {
      return Optional.empty();
    }
    Optional<Integer> skipped =
        Optional.ofNullable(waiting.peekLast()).filter(s -> s != 0 && s != lastStep);
    skipped.ifPresent(s -> waiting.removeLast());
    waiting.addLast(step);
    return skipped;
  }

  /** The evaluation to start now, if any. */
  Optional<Integer> start() {
    if (running.isPresent() || waiting.isEmpty()) {
      return Optional.empty();
    }
    running = Optional.of(waiting.removeFirst());
    return running;
  }

  /** Returns whether that evaluation was running. */
  boolean done(int step) {
    if (!running.equals(Optional.of(step))) {
      return false;
    }
    running = Optional.empty();
    return true;
  }

  boolean needs(long version) {
    return running.filter(s -> s == version).isPresent()
        || waiting.stream().anyMatch(s -> s == version);
  }

  boolean allDone() {
    return running.isEmpty() && waiting.isEmpty();
  }

  Optional<Integer> running() {
    return running;
  }
}
