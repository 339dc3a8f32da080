package io.atelier.actors.doctor;

import java.util.Locale;

/**
 * The result of one check.
 *
 * @param name of what was checked
 * @param text what was found; if that is not OK, also what to do
 */
public record Finding(Grade grade, String name, String text) {

  /** How good a result is. */
  public enum Grade {
    OK("ok"),
    /** A run works, but slower than it could, or with misleading output. */
    WARN("WARN"),
    /** A run does not work. */
    FAIL("FAIL");

    private final String label;

    Grade(String label) {
      this.label = label;
    }
  }

  static Finding ok(String name, String text) {
    return new Finding(Grade.OK, name, text);
  }

  static Finding warn(String name, String text) {
    return new Finding(Grade.WARN, name, text);
  }

  static Finding fail(String name, String text) {
    return new Finding(Grade.FAIL, name, text);
  }

  /** Whether a run works with it. */
  public boolean works() {
    return grade != Grade.FAIL;
  }

  /** Returns the line to print. */
  public String line() {
    return String.format(Locale.ROOT, "%-5s %-16s %s", grade.label, name, text);
  }
}
