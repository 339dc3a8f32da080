package io.atelier.actors.rewards;

/** What came of a call. */
sealed interface Reply<T> {

  /** What the server says. */
  record Answer<T>(T value) implements Reply<T> {}

  /** A passing failure, such as a server that is away. */
  record Later<T>(String reason) implements Reply<T> {}
}
