package io.atelier.actors.ledger.state;

import java.time.Duration;
import java.util.Optional;

/** Notices a lack of progress. */
public final class Watchdog {

  /**
   * No progress for too long.
   *
   * @param since for how long
   * @param again whether that was said before, with no progress since
   */
  public record Stall(Duration since, boolean again) {}

  private final long limit;
  private Optional<Long> lastProgress = Optional.empty();
  private long lastLook;
  private boolean said;

  public Watchdog(Duration limit) {
    this.limit = limit.toMillis();
  }

  /** A group, a step or a version made progress. */
  public void progress(long now) {
    lastProgress = Optional.of(now);
    lastLook = now;
    said = false;
  }

  /** A stall, returned once for each time that the limit passes. */
  public Optional<Stall> overdue(long now) {
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
