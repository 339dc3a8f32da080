package io.atelier.actors.config.section;

/**
 * A configuration that cannot be used. The message is one line: key, value, where it was set, rule.
 */
public final class InvalidConfigException extends RuntimeException {

  public InvalidConfigException(String message) {
    super(message);
  }

  public InvalidConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
