package io.atelier.tests.cluster;

import io.atelier.tests.cli.AtelierJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ./atelier node} in a JVM of its own, which may be killed, stopped and started again. */
final class NodeProcess implements AutoCloseable {

  private static final Pattern ADDRESSES =
      Pattern.compile("node (\\S+) joins[\\s\\S]*?--admin (\\S+)");

  /** What the node is called in logs, such as {@code rollout-0}. */
  final String name;

  private final List<String> place;
  private final List<String> arguments;
  private final Path log;
  private List<String> options = List.of();
  private List<Path> classPath = List.of();
  private Process process;
  private int starts;

  /**
   * @param place what to put before the command, such as the network namespace to run in
   * @param arguments of the command line
   * @param log where all lives of the process write their output
   */
  NodeProcess(String name, List<String> place, List<String> arguments, Path log) {
    this.name = name;
    this.place = place;
    this.arguments = arguments;
    this.log = log;
  }

  /** Of the command line, {@code ./atelier}. */
  List<String> arguments() {
    return arguments;
  }

  /** Options of the JVM in the lives to come, besides those that all have. */
  void options(String... more) {
    options = List.of(more);
  }

  /** Jars of plug-ins in the lives to come. */
  void classPath(Path... jars) {
    classPath = List.of(jars);
  }

  void start() throws IOException {
    List<String> command = command(place, options, classPath, arguments);
    starts++;
    Files.writeString(
        log,
        "---- start %d%n".formatted(starts),
        java.nio.file.StandardOpenOption.CREATE,
        java.nio.file.StandardOpenOption.APPEND);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /** {@code ./atelier} in a JVM of its own. */
  static List<String> command(
      List<String> place, List<String> options, List<Path> classPath, List<String> arguments) {
    List<String> all = new ArrayList<>(List.of("-Datelier.log=INFO"));
    all.addAll(options);
    List<String> command = new ArrayList<>(place);
    command.addAll(AtelierJvm.command("512m", all, classPath, arguments));
    return command;
  }

  /** Sends a signal, such as {@code KILL} or {@code STOP}. */
  void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  /** Whether the process stands still by a signal. */
  boolean isStopped() throws IOException {
    Process state =
        new ProcessBuilder("ps", "-o", "state=", "-p", Long.toString(process.pid())).start();
    return new String(state.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
        .startsWith("T");
  }

  /** Kills the process and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Times that the process was started. */
  int starts() {
    return starts;
  }

  /**
   * Waits for the end; returns the exit code, or fails with what the process wrote and what all
   * processes of the cluster are doing.
   */
  int await(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError(
          "%s (%d) does not end:%n%s%n%s".formatted(name, process.pid(), output(), stacks()));
    }
    return process.exitValue();
  }

  /** Stacks of the threads of all processes that this one started. */
  private static String stacks() throws InterruptedException {
    StringBuilder all = new StringBuilder();
    for (ProcessHandle child : ProcessHandle.current().children().toList()) {
      all.append("---- threads of ").append(child.pid()).append('\n');
      try {
        Path stacks = Files.createTempFile("stacks", ".txt");
        Process jcmd =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(child.pid()),
                    "Thread.print")
                .redirectErrorStream(true)
                .redirectOutput(stacks.toFile())
                .start();
        if (!jcmd.waitFor(20, TimeUnit.SECONDS)) {
          all.append("does not answer\n");
          jcmd.destroyForcibly();
        }
        all.append(Files.readString(stacks));
        Files.delete(stacks);
      } catch (IOException e) {
        all.append(e).append('\n');
      }
    }
    return all.toString();
  }

  /** Where the node is in the cluster, {@code host:port}; waits until it says so. */
  String address() throws IOException, InterruptedException {
    return addresses().group(1);
  }

  /** Where this life of it answers HTTP, {@code host:port}; waits until it says so. */
  String admin() throws IOException, InterruptedException {
    return addresses().group(2);
  }

  private Matcher addresses() throws IOException, InterruptedException {
    return Admin.await("an address of " + name, () -> ADDRESSES.matcher(life()), Matcher::find);
  }

  /** What the process wrote in its last life. */
  String life() {
    String all = output();
    return all.substring(all.lastIndexOf("---- start"));
  }

  /** All that the process wrote, in all its lives. */
  String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
