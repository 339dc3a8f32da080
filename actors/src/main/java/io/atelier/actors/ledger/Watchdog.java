package io.atelier.actors.ledger;

import java.time.Duration;
import java.util.Optional;

/** Notices a lack of progress. */
final class Watchdog {

  /**
   * No progress for too long.
   *
   * @param since for how long
   * @param again whether that was said before, with no progress since
   */
  record Stall(Duration since, boolean again) {}

  private final long limit;
  private Optional<Long> lastProgress = Optional.empty();
  private long lastLook;
  private boolean said;

  Watchdog(Duration limit) {
    this.limit = limit.toMillis();
  }

  /** A group, a step or a version made progress. */
  void progress(long now) {
    lastProgress = Optional.of(now);
    lastLook = now;
    said = false;
  }

  /** A stall, returned once for each time that the limit passes. */
  Optional<Stall> overdue(long now) {
    if (lastProgress.isEmpty()) {
      progress(now);
    }
    if (now - lastLook < limit) {
      return Optional.empty();
    }
    boolean again = said;
    said = true;
    lastLook = now;
    return Optional.of(new Stall(Duration.ofMillis(now - lastProgress.orElse(now)), again));
  }
}
