package io.atelier.tests.cli;

import io.atelier.actors.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line in a JVM of its own, so that it can be sent signals. */
final class ChildRun implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();

  private ChildRun(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static ChildRun start(List<String> arguments) throws IOException {
    Path options =
        Path.of(System.getProperty("atelier.root", "..")).resolve("cluster-conf/jvm.options");
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("@" + options, "-Xmx1g"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    return new ChildRun(new ProcessBuilder(command).redirectErrorStream(true).start());
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
