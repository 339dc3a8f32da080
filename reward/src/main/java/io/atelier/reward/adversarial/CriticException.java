package io.atelier.reward.adversarial;

/** One of several critics failed. */
public final class CriticException extends RuntimeException {

  CriticException(String critic, RuntimeException cause) {
    super("critic \"%s\": %s".formatted(critic, cause.getMessage()), cause);
  }
}
