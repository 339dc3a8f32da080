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
 * {@code report.html} of a running run: rewritten at most once per {@link #EVERY} on the heartbeat
 * thread, so that the run never waits for it. A failure to write it then is only logged; at the end
 * it counts like that of any other file. Thread-safe.
 */
final class LiveReport {

  static final Duration EVERY = Duration.ofSeconds(30);

  /** Pause after writing a report, as a multiple of the time that writing it took. */
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

  /** Notes that there is something new to show. Never blocks. */
  void changed() {
    changes.incrementAndGet();
  }

  /** Rewrites the report if something changed and the pause is over. */
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
        LOG.warn("{} cannot be updated now", files.report(), e);
      }
    }
    long end = clock.nanos();
    nextNanos = end + Math.max(EVERY.toNanos(), REST * (end - begin));
  }

  /**
   * Writes the last report.
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
