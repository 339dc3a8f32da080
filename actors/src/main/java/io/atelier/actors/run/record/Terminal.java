package io.atelier.actors.run.record;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.Locale;

/**
 * The output of a running run: lines, and on a terminal a progress bar below them. Only lines are
 * written to a pipe or file. Thread-safe.
 */
public final class Terminal {

  private static final int BAR = 24;
  private static final String ERASE = "\r\033[K";

  private final PrintWriter out;
  private final boolean interactive;
  private String bar = "";

  /**
   * @param interactive whether {@code out} is a terminal that understands control sequences
   */
  public Terminal(PrintWriter out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  /**
   * The standard output of a command line.
   *
   * @param out the writer of standard output
   */
  public static Terminal standard(PrintWriter out) {
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return new Terminal(out, System.console() != null && !dumb);
  }

  /** Shows nothing; for runs inside another program. */
  public static Terminal silent() {
    return new Terminal(new PrintWriter(Writer.nullWriter()), false);
  }

  /** Prints a line; the bar stays below it. */
  public synchronized void line(String text) {
    if (interactive) {
      out.print(ERASE);
    }
    out.println(text);
    show();
  }

  /**
   * Moves the bar.
   *
   * @param doing what is being done, such as {@code evaluating}; empty for none
   */
  public synchronized void progress(int done, int total, String doing) {
    int filled = (int) ((long) BAR * done / Math.max(1, total));
    bar =
        String.format(
            Locale.ROOT,
            "[%s%s] %d/%d %s",
            "#".repeat(filled),
            "·".repeat(BAR - filled),
            done,
            total,
            doing);
    if (interactive) {
      out.print(ERASE);
    }
    show();
  }

  /** Removes the bar. */
  public synchronized void done() {
    if (interactive && !bar.isEmpty()) {
      out.print(ERASE);
    }
    bar = "";
    out.flush();
  }

  private void show() {
    if (interactive) {
      out.print(bar);
    }
    out.flush();
  }
}
