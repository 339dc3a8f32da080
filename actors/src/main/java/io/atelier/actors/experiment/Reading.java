package io.atelier.actors.experiment;

import java.util.Locale;

/** What was read of a run where a threshold asks for it. */
sealed interface Reading {

  /** A finite number. */
  record Value(double value) implements Reading {}

  /** What was waited for did not come in the whole run. */
  record Never(String what) implements Reading {}

  /** There is none. */
  record Missing(String why) implements Reading {}

  /** A number with as many digits as mean something: {@code .712}, {@code 27.3}, {@code 182}. */
  static String text(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, format, value).replaceFirst("^(-?)0\\.", "$1.");
  }
}
