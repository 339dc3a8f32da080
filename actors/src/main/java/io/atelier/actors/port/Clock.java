package io.atelier.actors.port;

/**
 * A source of time. A seam: nothing else in Atelier reads the machine's clock, so tests control the
 * time.
 */
public interface Clock {

  /**
   * Nanoseconds since about the Unix epoch; monotonic. For durations and traces: the clocks of two
   * nodes differ by as much as their wall clocks did at start.
   */
  long nanos();

  /** Milliseconds since the Unix epoch, for display. */
  long epochMillis();

  /** The machine's clock. */
  static Clock system() {
    return new SystemClock();
  }
}
