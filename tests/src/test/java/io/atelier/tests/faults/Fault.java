package io.atelier.tests.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.tests.cli.Cli;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A row of the table.
 *
 * @param id the kind
 * @param input what the user does
 * @param trial does it in an empty folder and asserts what is right
 */
record Fault(String id, String input, Trial trial) {

  /** A trial. */
  @FunctionalInterface
  interface Trial {
    void in(Path folder) throws Exception;
  }

  @Override
  public String toString() {
    return id + " " + input;
  }

  /** The command is refused in one line that names all of {@code said}. */
  static Cli refused(List<String> command, String... said) {
    Cli result = Cli.run(command);
    String text = String.join("\n", result.err());
    assertNotEquals(0, result.code(), "accepted: " + text + result.out());
    assertSaid(result, said);
    assertTrue(result.err().size() <= 2, "more than a line: " + text);
    return result;
  }

  /** The same for what a person must change. */
  static Cli refusedForGood(List<String> command, String... said) {
    Cli result = refused(command, said);
    assertEquals(2, result.code(), String.join("\n", result.err()));
    return result;
  }

  /** The command does what it should. */
  static Cli accepted(List<String> command) {
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), String.join("\n", result.err()));
    return result;
  }

  private static void assertSaid(Cli result, String... said) {
    String text = String.join("\n", result.err());
    assertFalse(result.err().isEmpty(), "nothing was said");
    String lower = text.toLowerCase(Locale.ROOT);
    for (String part : said) {
      assertTrue(lower.contains(part.toLowerCase(Locale.ROOT)), "no \"" + part + "\" in: " + text);
    }
    for (String word :
        List.of("Exception", "\tat ", "should not have happened", "REDACTED", "java.", "jackson")) {
      assertFalse(text.contains(word), "\"" + word + "\" in: " + text);
    }
  }
}
