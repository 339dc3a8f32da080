package io.atelier.actors.cli;

import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.run.CheckpointException;
import io.atelier.actors.run.RunFolderException;
import io.atelier.actors.run.WriteFailedException;
import io.atelier.models.safetensors.SafetensorsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line and an exit code. Stack traces go to a file. */
final class Failures
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {

  /** What the user can do something about without a stack trace. */
  private static final List<Class<? extends Exception>> EXPLAINED =
      List.of(
          CommandFailedException.class,
          InvalidConfigException.class,
          RunFolderException.class,
          CheckpointException.class,
          WriteFailedException.class,
          SafetensorsException.class,
          IllegalArgumentException.class);

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println("atelier: " + line(failure));
    if (failure instanceof CommandFailedException failed) {
      failed.hint().ifPresent(err::println);
    } else if (EXPLAINED.stream().noneMatch(kind -> kind.isInstance(failure))) {
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
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
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
