package io.atelier.actors.rewards;

import io.atelier.actors.config.section.ServerConfig;
import io.atelier.actors.port.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retries calls of a server that is down or busy for a while, with exponential backoff, and logs
 * when it goes down and comes back. Thread-safe.
 */
final class Patience {

  /** One call. */
  interface Call<T> {
    Reply<T> make() throws InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final ServerConfig config;
  private final Clock clock;
  private final Pauses pauses;
  private final AtomicBoolean away = new AtomicBoolean();

  Patience(ServerConfig config, Clock clock, Pauses pauses) {
    this.config = config;
    this.clock = clock;
    this.pauses = pauses;
  }

  /**
   * Makes a call until it has an answer or the time for retries is over.
   *
   * @param what is asked, for messages
   */
  <T> Reply<T> ask(String what, Call<T> call) throws InterruptedException {
    long end = clock.nanos() + config.patience().toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      Reply<T> reply = call.make();
      if (!(reply instanceof Reply.Later<T> later)) {
        if (away.compareAndSet(true, false)) {
          LOG.info("{}: {} answers again", config.section(), config.url());
        }
        return reply;
      }
      Duration left = Duration.ofNanos(Math.max(0, end - clock.nanos()));
      if (left.isZero()) {
        return later;
      }
      if (away.compareAndSet(false, true)) { // once per outage
        LOG.warn("{}: {} is posted again: {}", config.section(), what, later.reason());
      }
      pauses.pause(shorter(pause, left));
      pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
