package io.atelier.actors.rewards;

/** The result of a call. */
sealed interface Reply<T> {

  /** The server's answer. */
  record Answer<T>(T value) implements Reply<T> {}

  /** A temporary failure, such as a server that is down. */
  record Later<T>(String reason) implements Reply<T> {}
}
