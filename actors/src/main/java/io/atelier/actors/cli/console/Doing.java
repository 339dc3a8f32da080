package io.atelier.actors.cli.console;

import io.atelier.actors.port.Clock;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Shows the progress of a command: on a terminal in one line that is rewritten, elsewhere in at
 * most one line every few seconds.
 */
public final class Doing implements Consumer<String> {
  private static final String ERASE = "\r\033[K";
  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

  private final PrintWriter err;
  private final Clock clock;
  private final boolean terminal;
  private long last;
  private boolean shown;

  public Doing(PrintWriter err, Clock clock) {
    this(err, clock, System.console() != null && !"dumb".equals(System.getenv("TERM")));
  }

  /**
   * @param terminal whether {@code err} understands control sequences
   */
  public Doing(PrintWriter err, Clock clock, boolean terminal) {
    this.err = err;
    this.clock = clock;
    this.terminal = terminal;
    this.last = clock.nanos() - PAUSE_NANOS;
  }

  @Override
  public void accept(String what) {
    if (terminal) {
      err.print(ERASE + what);
      shown = true;
    } else if (clock.nanos() - last >= PAUSE_NANOS) {
      err.println(what);
      last = clock.nanos();
    }
    err.flush();
  }

  /** Erases the line, so that another can be written in its place. */
  public void done() {
    if (shown) {
      err.print(ERASE);
      err.flush();
      shown = false;
    }
  }
}
