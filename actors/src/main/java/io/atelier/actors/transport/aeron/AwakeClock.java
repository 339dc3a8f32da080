package io.atelier.actors.transport.aeron;

import org.agrona.concurrent.NanoClock;

/**
 * Time in which the agent thread was awake. Its turns come one after the other in short pauses; one
 * that is very late says that this process itself stood still, and that what the others sent
 * meanwhile may lie unread. So nothing grows older by more than that between two turns, nor while
 * one of them stands still in the middle. (The ledger counts the pauses of its conductor likewise,
 * by ticks that are data: {@code AwakeTime}.)
 */
final class AwakeClock {

  private final NanoClock clock;
  private final long lateNanos;
  private volatile long lastTurn;
  private volatile long pausedNanos;

  /**
   * @param lateNanos after which a turn is late; as much of each pause counts
   */
  AwakeClock(NanoClock clock, long lateNanos) {
    this.clock = clock;
    this.lateNanos = lateNanos;
    this.lastTurn = clock.nanoTime();
  }

  /** A turn begins; only the agent thread says so. */
  void turn() {
    long time = clock.nanoTime();
    long late = time - lastTurn - lateNanos;
    if (late > 0) {
      pausedNanos += late;
    }
    lastTurn = time;
  }

  /** Nanoseconds from any origin, without the pauses. */
  long now() {
    long sinceTurn = Math.min(clock.nanoTime() - lastTurn, lateNanos);
    return lastTurn + sinceTurn - pausedNanos;
  }
}
