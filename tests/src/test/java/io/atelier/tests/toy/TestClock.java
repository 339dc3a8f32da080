package io.atelier.tests.toy;

import io.atelier.actors.port.Clock;
import java.util.function.BooleanSupplier;

/** A clock that a test turns by hand. */
public final class TestClock implements Clock {
  private long nanos;
  private long looks;

  @Override
  public synchronized long nanos() {
    looks++;
    notifyAll();
    return nanos;
  }

  @Override
  public long epochMillis() {
    return nanos() / 1_000_000;
  }

  /** Moves the clock, and waits until somebody has looked at it a few times. */
  public void advance(long seconds) throws InterruptedException {
    advance(seconds, () -> false);
  }

  /** The same, but waits no longer once {@code over}, since then nobody looks any more. */
  public synchronized void advance(long seconds, BooleanSupplier over) throws InterruptedException {
    nanos += seconds * 1_000_000_000L;
    long enough = looks + 3;
    while (looks < enough && !over.getAsBoolean()) {
      wait(20);
    }
  }
}
