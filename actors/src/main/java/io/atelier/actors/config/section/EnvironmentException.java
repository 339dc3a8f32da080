package io.atelier.actors.config.section;

/**
 * The machine or the environment of the process is not as a run needs it. The message says what is
 * wrong and what to do; starting again without that does not help.
 */
public final class EnvironmentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EnvironmentException(String message) {
    super(message);
  }

  public EnvironmentException(String message, Throwable cause) {
    super(message, cause);
  }
}
