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

  /** A number as one of many, such as {@code 2nd}; for those from 2 on that double. */
  public static String ordinal(int number) {
    return number + (number % 10 == 2 && number % 100 != 12 ? "nd" : "th");
  }
}
