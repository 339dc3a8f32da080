package io.atelier.actors.config.section;

/**
 * The machine or the environment of the process does not meet what a run needs. The message says
 * what is wrong and what to do; retrying without that does not help.
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
