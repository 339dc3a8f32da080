package io.atelier.actors.cli.console;

/** Exit codes of commands. */
public final class ExitCode {

  public static final int DONE = 0;

  /** The same command may succeed at another time. */
  public static final int FAILED = 1;

  /** A person must change something first; a launcher does not retry. */
  public static final int WRONG_USAGE = 2;

  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
