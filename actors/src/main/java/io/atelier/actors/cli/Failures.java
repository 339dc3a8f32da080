package io.atelier.actors.cli;

import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.run.RunFolderException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line and an exit code. Stack traces go to a file. */
final class Failures
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {

  /** Whether the message says it all: the program's own exceptions name what is wrong. */
  private static boolean explained(Exception failure) {
    return failure.getClass().getName().startsWith("io.atelier.")
        || failure instanceof IllegalArgumentException
        || failure instanceof UncheckedIOException;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println("atelier: " + line(failure));
    if (!explained(failure)) {
      err.println("This should not have happened. Details: " + trace(failure));
    }
    return code(failure);
  }

  private static int code(Exception failure) {
    return failure instanceof InvalidConfigException || failure instanceof RunFolderException
        ? Main.WRONG_USAGE
        : Main.FAILED;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("atelier: " + line(failure));
    if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
      err.println("Try: ./%s --help".formatted(command.getCommandSpec().qualifiedName()));
    }
    return Main.WRONG_USAGE;
  }

  /** The message on one line. */
  static String line(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
    return line.contains("No space left on device") ? "disk full: " + line : line;
  }

  /** Writes the stack trace where it can be found; returns where. */
  private static String trace(Exception failure) {
    try {
      Path file = Files.createTempFile("atelier-", ".log");
      try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
        failure.printStackTrace(out);
      }
      return file.toString();
    } catch (IOException e) {
      LoggerFactory.getLogger(Failures.class).error("no file for the stack trace", failure);
      return "none, since no file could be written: " + e.getMessage();
    }
  }
}
