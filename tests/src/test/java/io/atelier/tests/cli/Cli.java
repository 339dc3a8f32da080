package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.atelier.actors.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * One run of the command line in this JVM.
 *
 * @param code exit code
 * @param out standard output, without what a training run shows
 * @param err standard error
 */
public record Cli(int code, String out, List<String> err) {

  public static Cli run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Cli(code, out.toString(), err.toString().lines().toList());
  }

  public static Cli run(List<String> arguments) {
    return run(arguments.toArray(String[]::new));
  }

  /** A run that must end well; its messages are shown where it does not. */
  public static Cli done(String... arguments) {
    Cli result = run(arguments);
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    return result;
  }

  public static Cli done(List<String> arguments) {
    return done(arguments.toArray(String[]::new));
  }
}
