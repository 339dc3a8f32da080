package io.atelier.actors.run.record;

import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.RunFiles;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code report.html} while a run goes on: made anew at most once in {@link #EVERY}, by who gives
 * the run's signs of life, so that the run never waits for it. What keeps it from being written
 * then only stands in the log; at the end it counts as any other file. Thread-safe.
 */
final class LiveReport {

  static final Duration EVERY = Duration.ofSeconds(30);

  /** How many times as long as it takes to make one nothing is made. */
  private static final int REST = 50;

  private static final Logger LOG = LoggerFactory.getLogger(LiveReport.class);

  private final RunFiles files;
  private final ReportPage page;
  private final Fence fence;
  private final Clock clock;
  private final AtomicInteger changes = new AtomicInteger();
  private int written;
  private long nextNanos;
  private boolean over;
  private boolean complained;

  LiveReport(RunFiles files, ReportPage page, Fence fence, Clock clock) {
    this.files = files;
    this.page = page;
    this.fence = fence;
    this.clock = clock;
    this.nextNanos = clock.nanos();
  }

  /** There is something new to show. Never waits. */
  void changed() {
    changes.incrementAndGet();
  }

  /** Makes it anew if that is worth it. */
  synchronized void beat() {
    int now = changes.get();
    if (over || now == written || clock.nanos() - nextNanos < 0) {
      return;
    }
    written = now;
    long begin = clock.nanos();
    try {
      write("running");
    } catch (RuntimeException e) {
      if (!complained) {
        complained = true;
        LOG.warn("{} is not made anew now", files.report(), e);
      }
    }
    long end = clock.nanos();
    nextNanos = end + Math.max(EVERY.toNanos(), REST * (end - begin));
  }

  /**
   * Makes the last one.
   *
   * @param status how the run ended
   */
  synchronized void end(String status) {
    over = true;
    write(status);
  }

  private void write(String status) {
    Durable.replace(files.report(), out -> page.writeTo(out, status), fence);
  }
}
