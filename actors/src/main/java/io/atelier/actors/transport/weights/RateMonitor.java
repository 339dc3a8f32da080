package io.atelier.actors.transport.weights;

/**
 * Judges a broadcast, which is as fast as its slowest receiver. One that is much slower than an
 * earlier one, or than any link, for more than a moment is given up: then every receiver asks for
 * what it misses at its own pace, and none waits for another. For one thread.
 */
final class RateMonitor {
  private static final long LOOK_NANOS = 250_000_000L;
  private static final double SECOND_NANOS = 1e9;

  /** Share of the best rate so far below which a broadcast is given up. */
  private static final double SLOW = 0.25;

  /** Bytes per second below which it is given up in any case. */
  private static final double FLOOR = 8e6;

  /** Looks in a row that find it slow: a receiver may stand still for memory, or its host. */
  private static final int LOOKS = 2;

  private boolean busy;
  private int slowLooks;
  private long since;
  private long bytesThen;
  private double best;

  /**
   * @param sending whether anything waits to be sent
   * @param bytes sent so far, of everything
   * @return whether what is being sent should be given up
   */
  boolean isTooSlow(boolean sending, long bytes, long now) {
    if (busy != sending) {
      busy = sending;
      since = now;
      bytesThen = bytes;
      slowLooks = 0;
    }
    if (!sending || now - since < LOOK_NANOS) {
      return false;
    }
    double rate = (bytes - bytesThen) * SECOND_NANOS / (now - since);
    since = now;
    bytesThen = bytes;
    slowLooks = rate < Math.max(FLOOR, best * SLOW) ? slowLooks + 1 : 0;
    best = Math.max(best, rate);
    return slowLooks >= LOOKS;
  }
}
