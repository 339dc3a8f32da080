package io.atelier.actors.port;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A large value that is taken once: the setup of actors stays in memory as long as they do, but
 * this is empty by then. Thread-safe.
 */
public final class Handover<T> {

  private final AtomicReference<T> value;

  private Handover(T value) {
    this.value = new AtomicReference<>(value);
  }

  public static <T> Handover<T> of(Optional<T> value) {
    return new Handover<>(value.orElse(null));
  }

  /** Returns the value the first time, then nothing. */
  public Optional<T> take() {
    return Optional.ofNullable(value.getAndSet(null));
  }
}
