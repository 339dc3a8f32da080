package io.atelier.actors.bench;

import java.time.Duration;

/**
 * How long rounds are not timed: until the JVMs have compiled what they do. Before that the
 * compilers take the processors from what is measured.
 */
final class WarmUp {
  private static final long WINDOW_NANOS = Duration.ofSeconds(5).toNanos();

  /** Looks at the compilers within the time there is, at least. */
  private static final int LOOKS = 3;

  /** Share of a window that all compilers together may take. */
  private static final double QUIET = .02;

  private final int rounds;
  private final long longestNanos;
  private final long windowNanos;
  private final long start;
  private long windowStart;
  private long compiledBefore;
  private boolean quiet;

  /**
   * @param rounds at least
   * @param longest after which it is over even though compilers work, if the rounds are done
   * @param now in nanoseconds
   */
  WarmUp(int rounds, Duration longest, long now) {
    this.rounds = rounds;
    this.longestNanos = longest.toNanos();
    this.windowNanos = Math.min(WINDOW_NANOS, longestNanos / LOOKS);
    this.start = now;
    this.windowStart = now;
  }

  /**
   * Whether the next round may be timed.
   *
   * @param done rounds so far
   * @param compiledNanos time that the compilers of all JVMs have taken so far
   */
  boolean isOver(int done, long now, long compiledNanos) {
    boolean looked = now - windowStart >= windowNanos;
    if (looked) {
      quiet = compiledNanos - compiledBefore <= QUIET * (now - windowStart);
      windowStart = now;
      compiledBefore = compiledNanos;
    }
    return done >= rounds && (looked && quiet || now - start >= longestNanos);
  }

  /** Whether the compilers were at rest when it was last looked. */
  boolean isQuiet() {
    return quiet;
  }
}
