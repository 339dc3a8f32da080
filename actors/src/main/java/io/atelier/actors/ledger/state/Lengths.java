package io.atelier.actors.ledger.state;

import java.time.Duration;
import java.util.Locale;

/** Lengths of time in messages. */
public final class Lengths {

  private Lengths() {}

  /** As a configuration has it: {@code 15m}, {@code 1h30m}, {@code 0.5s}. */
  public static String text(Duration length) {
    return length.toString().replaceFirst("^(-?)PT", "$1").toLowerCase(Locale.ROOT);
  }
}
