package io.atelier.tests.cli;

import io.atelier.actors.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The command line in a JVM of its own, so that it can be sent signals. It is killed after some
 * minutes: a JVM that was started by a shell in the background does not hear SIGINT, nor do those
 * that it starts.
 */
final class ChildRun implements AutoCloseable {

  private static final long LIMIT_SECONDS = 300;

  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();

  private ChildRun(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static ChildRun start(List<String> arguments) throws IOException {
    return start(Path.of(""), arguments);
  }

  /** The same in another working folder. */
  static ChildRun start(Path folder, List<String> arguments) throws IOException {
    Path options =
        Path.of(System.getProperty("atelier.root", ".."))
            .resolve("cluster-conf/jvm.options")
            .toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("@" + options, "-Xmx1g"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
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
