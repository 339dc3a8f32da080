package io.atelier.actors;

/** The machine's clock. */
@Seam("the one place that reads the machine's clock")
final class SystemClock implements Clock {

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long epochMillis() {
    return System.currentTimeMillis();
  }
}
