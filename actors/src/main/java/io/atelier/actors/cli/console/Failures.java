package io.atelier.actors.cli.console;

import io.atelier.actors.config.section.EnvironmentException;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Version;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.Storage;
import io.atelier.models.lora.LoraException;
import io.atelier.models.safetensors.SafetensorsException;
import io.atelier.models.text.TokenizerException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns a failure into one line and an exit code: 2 if it stays until a person changes something,
 * so that nothing is retried in vain, otherwise 1. The stack trace of a bug goes to a file.
 */
public final class Failures
    implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {

  /** Whether the message explains the failure: the program's own exceptions say what is wrong. */
  public static boolean explained(Throwable failure) {
    if (failure instanceof RunFailedException && failure.getCause() != null) {
      return explained(failure.getCause());
    }
    return failure.getClass().getName().startsWith("io.atelier.")
        || failure instanceof InvalidPathException
        || failure instanceof UncheckedIOException
        || failure instanceof IOException
        || failure instanceof IllegalArgumentException && isOurs(failure)
        || failure instanceof ArithmeticException && isOurs(failure)
        || find(failure, Failures::isMemory).isPresent()
        || failure instanceof LinkageError;
  }

  /** Whether memory ran out: in the JVM, or on a device by the native library's message. */
  private static boolean isMemory(Throwable failure) {
    return failure instanceof OutOfMemoryError
        || String.valueOf(failure.getMessage()).contains("out of memory");
  }

  /** Whether the program threw it itself; if a library or the JVM did, it is a bug. */
  private static boolean isOurs(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    return trace.length > 0 && trace[0].getClassName().startsWith("io.atelier.");
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return handle(failure, command.getErr(), parsed.originalArgs());
  }

  /** Prints what went wrong; returns the exit code. */
  public static int handle(Throwable failure, PrintWriter err, List<String> arguments) {
    if (explained(failure)) {
      err.println("atelier: " + line(failure));
    } else {
      String name = failure.getClass().getSimpleName();
      String line = line(failure);
      err.println("atelier: " + (line.equals(name) ? name : name + ": " + line));
      err.println(bug(trace(failure, err), arguments));
    }
    return code(failure);
  }

  /** Prints that not all output could be written; returns the exit code to use for {@code code}. */
  public static int lost(IOException failure, PrintWriter err, int code) {
    err.println(
        "atelier: not all of this command's output could be written: " + failure.getMessage());
    return code == ExitCode.DONE ? ExitCode.FAILED : code;
  }

  /** Returns what to do about a bug whose stack trace is at {@code trace}. */
  public static String bug(String trace, List<String> arguments) {
    return "This is a bug of Atelier; please report it with %s, the command \"atelier %s\", and: %s"
        .formatted(
            trace,
            String.join(" ", arguments),
            "atelier %s, Java %s, %s %s"
                .formatted(
                    Version.of("atelier"),
                    System.getProperty("java.version"),
                    System.getProperty("os.name"),
                    System.getProperty("os.arch")));
  }

  /** Returns the exit code of a failure. */
  public static int code(Throwable failure) {
    boolean lasting =
        failure instanceof InvalidConfigException
            || failure instanceof RunFolderException
            || find(failure, EnvironmentException.class::isInstance).isPresent()
            || failure instanceof LinkageError
            || isWrongInput(failure)
            || find(failure, Failures::isForbidden).isPresent();
    return lasting ? ExitCode.WRONG_USAGE : ExitCode.FAILED;
  }

  /** Whether an input is wrong for good, as opposed to storage that may come back. */
  private static boolean isWrongInput(Throwable failure) {
    boolean input =
        failure instanceof SafetensorsException
            || failure instanceof TokenizerException
            || failure instanceof LoraException
            || failure instanceof IllegalArgumentException && isOurs(failure);
    return input
        && find(failure, t -> t instanceof IOException e && Storage.isPassing(e)).isEmpty();
  }

  private static boolean isForbidden(Throwable failure) {
    return failure instanceof AccessDeniedException
        || failure instanceof FileSystemException e
            && String.valueOf(e.getReason()).contains("Read-only file system");
  }

  private static Optional<Throwable> find(Throwable failure, Predicate<Throwable> wanted) {
    return Stream.iterate(failure, t -> t != null, Throwable::getCause)
        .limit(100) // causes may form a cycle
        .filter(wanted)
        .findFirst();
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("atelier: " + line(failure));
    if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
      err.println("Try: ./%s --help".formatted(command.getCommandSpec().qualifiedName()));
    }
    return ExitCode.WRONG_USAGE;
  }

  /** Returns the message on one line. */
  public static String line(Throwable failure) {
    Optional<Throwable> memory = find(failure, OutOfMemoryError.class::isInstance);
    String message =
        memory.isPresent()
            ? outOfMemory(String.valueOf(memory.get().getMessage()))
            : message(failure).strip().replaceAll("\\s*\\R\\s*", " ");
    return message.contains("No space left on device") ? "disk full: " + message : message;
  }

  private static String message(Throwable failure) {
    Throwable cause = failure instanceof UncheckedIOException e ? e.getCause() : failure;
    String message = failure.getMessage();
    if (cause instanceof FileSystemException e && e.getFile() != null) {
      return message.contains(": " + e.getFile()) || cause == failure
          ? "%s: %s".formatted(e.getFile(), Storage.reason(e))
          : message;
    }
    if (failure instanceof LinkageError) {
      return "a library cannot be loaded (%s); ./atelier doctor says what is missing"
          .formatted(failure);
    }
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    return message;
  }

  private static String outOfMemory(String what) {
    String remedy;
    if (what.contains("thread")) {
      remedy =
          "this user or container may have too few processes: see ulimit -u and its pids limit";
    } else if (what.toLowerCase(Locale.ROOT).contains("direct")) {
      remedy = "give Java more outside its heap by ATELIER_JAVA_OPTS=-XX:MaxDirectMemorySize=32g";
    } else {
      remedy =
          "give Java more by ATELIER_JAVA_OPTS=-Xmx8g, or make images, groups or batches smaller";
    }
    return "out of memory (%s); %s".formatted(what, remedy);
  }

  /** Writes the stack trace to a file, or to {@code err} if that fails; returns where it is. */
  private static String trace(Throwable failure, PrintWriter err) {
    try {
      Path file = Files.createTempFile("atelier-", ".log");
      try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
        failure.printStackTrace(out);
        if (out.checkError()) {
          throw new IOException(file + " could not be written");
        }
      }
      return "the file " + file;
    } catch (IOException e) {
      failure.printStackTrace(err);
      return "the lines above (no file could be written: %s)".formatted(message(e));
    }
  }
}
