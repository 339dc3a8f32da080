package io.atelier.actors.port;

import java.util.concurrent.TimeUnit;

/** The machine's clock. */
@Seam("the one place that reads the machine's clock")
final class SystemClock implements Clock {

  /** Offset of the monotonic clock, whose origin differs in every JVM, from the epoch. */
  private static final long ORIGIN =
      TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();

  @Override
  public long nanos() {
    return ORIGIN + System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }
}
