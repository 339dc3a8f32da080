package io.atelier.actors.doctor;

import java.util.Locale;

/**
 * One check.
 *
 * @param name what was looked at
 * @param text what was found; where that is not well, also what to do
 */
public record Finding(Grade grade, String name, String text) {

  /** How well it is. */
  public enum Grade {
    OK("ok"),
    /** A run works, but slower than it could, or says something wrong. */
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

  /** The line that people see. */
  public String line() {
    return String.format(Locale.ROOT, "%-5s %-16s %s", grade.label, name, text);
  }
}
