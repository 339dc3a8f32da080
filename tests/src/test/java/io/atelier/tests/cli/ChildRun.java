package io.atelier.tests.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The command line in a JVM of its own, so that it can be sent signals. A process hears no signal
 * that its parent ignores, and tests that a shell runs in the background ignore SIGINT: so each is
 * started by way of {@code env}, which sets that. It is killed after some minutes.
 */
final class ChildRun implements AutoCloseable {

  private static final long LIMIT_SECONDS = 300;

  /** As a shell in the foreground starts a command. */
  private static final List<String> HEARS = List.of("env", "--default-signal=INT,TERM,HUP");

  /** As {@code nohup COMMAND &} starts it in a script. */
  private static final List<String> NOHUP =
      List.of("env", "--default-signal=TERM", "--ignore-signal=INT,HUP");

  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();

  private ChildRun(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /**
   * Whether children can be started with signals set as is needed: {@code env} of GNU coreutils
   * 8.31 or later can.
   */
  static boolean setsSignals() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(NOHUP);
    command.add("true");
    return new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  static ChildRun start(List<String> arguments) throws IOException {
    return start(HEARS, Path.of(""), arguments);
  }

  /** The same in another working folder. */
  static ChildRun start(Path folder, List<String> arguments) throws IOException {
    return start(HEARS, folder, arguments);
  }

  /** Started so that it hears neither Ctrl-C nor the end of its terminal. */
  static ChildRun startUnderNohup(List<String> arguments) throws IOException {
    return start(NOHUP, Path.of(""), arguments);
  }

  private static ChildRun start(List<String> by, Path folder, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(by);
    command.addAll(AtelierJvm.command("1g", List.of(), arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toAbsolutePath().toFile())
            .redirectErrorStream(true)
            .start();
    CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS)
        .execute(process::destroyForcibly);
    return new ChildRun(process);
  }

  /** Waits for a line that starts with {@code start}; fails if the JVM ends first. */
  void awaitLine(String start) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (line.startsWith(start)) {
        return;
      }
    }
    throw new AssertionError("no line \"%s\" in: %s".formatted(start, lines));
  }

  /** Sends a signal, such as {@code INT}. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Waits for the end; returns the exit code. */
  int await() throws IOException, InterruptedException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
    }
    return process.waitFor();
  }

  /** All that was written. */
  List<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
