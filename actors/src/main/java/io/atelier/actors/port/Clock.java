package io.atelier.actors.port;

/**
 * Time as the shell sees it. A seam: nothing else in Atelier reads the machine's clock, so tests
 * turn time by hand.
 */
public interface Clock {

  /**
   * Nanoseconds since about the Unix epoch; never goes back. For durations and traces: between
   * nodes they are as far apart as their wall clocks were when they started.
   */
  long nanos();

  /** Milliseconds since the Unix epoch. For what people read. */
  long epochMillis();

  /** The machine's clock. */
  static Clock system() {
    return new SystemClock();
  }
}
