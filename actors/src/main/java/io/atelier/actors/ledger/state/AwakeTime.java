package io.atelier.actors.ledger.state;

import java.time.Duration;

/**
 * Time as the ledger counts it: that in which its conductor was awake. Ticks come one after the
 * other in short pauses; one that is very late says that the conductor itself stood still, and what
 * the others said in the meantime may lie unread behind that tick. So nobody's time runs in such a
 * pause: no node, lease, load, retry or standstill grows older by it.
 */
public final class AwakeTime {

  /** Share of the time in which a silent node is lost that a tick may be late by. */
  private static final int LATE = 4;

  /** Share of that which a pause counts for, so that time goes on when every tick is late. */
  private static final int COUNTED = 8;

  private final long late;
  private boolean begun;
  private long last;
  private long now;
  private int pauses;
  private long paused;

  /**
   * @param silence after which a node that is not heard of is taken for lost
   */
  public AwakeTime(Duration silence) {
    this.late = Math.max(1, silence.toMillis() / LATE);
  }

  /**
   * A tick is handled.
   *
   * @param millis when, from any origin
   * @return milliseconds that the conductor stood still before it; 0 if it did not
   */
  public long tick(long millis) {
    long elapsed = begun ? Math.max(0, millis - last) : 0;
    last = begun ? Math.max(last, millis) : millis;
    begun = true;
    if (elapsed <= late) {
      now += elapsed;
      return 0;
    }
    now += late / COUNTED;
    pauses++;
    paused += elapsed;
    return elapsed;
  }

  /** Milliseconds since the first tick, without the pauses. */
  public long now() {
    return now;
  }

  /** How many times the conductor paused. */
  public int pauses() {
    return pauses;
  }

  /** Milliseconds of all its pauses together. */
  public long paused() {
    return paused;
  }
}
