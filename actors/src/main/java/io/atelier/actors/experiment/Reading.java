package io.atelier.actors.experiment;

import java.util.Locale;

/** A value that a threshold reads from a run. */
sealed interface Reading {

  /** A finite number. */
  record Value(double value) implements Reading {}

  /** The run ended before the value was reached. */
  record Never(String what) implements Reading {}

  /** There is no value. */
  record Missing(String why) implements Reading {}

  /** Formats a number with its significant digits: {@code .712}, {@code 27.3}, {@code 182}. */
  static String text(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, format, value).replaceFirst("^(-?)0\\.", "$1.");
  }
}
