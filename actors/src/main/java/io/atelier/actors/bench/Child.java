package io.atelier.actors.bench;

import io.atelier.actors.machine.Jvm;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A {@link Receiver} in a JVM of its own. */
final class Child implements AutoCloseable {
  private static final long END_SECONDS = 10;

  private final Process process;
  private final BufferedReader out;
  private final BufferedWriter in;

  private Child(Process process) {
    this.process = process;
    this.out = process.inputReader();
    this.in = process.outputWriter();
  }

  /** Starts it with the flags of this JVM; returns at once. */
  static Child start(Optional<Processors> processors, String... arguments) {
    List<String> command = Jvm.command(Receiver.class.getName(), List.of(arguments));
    List<String> placed = processors.map(p -> p.pinReceiver(command)).orElse(command);
    try {
      return new Child(
          new ProcessBuilder(placed).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a receiver", e);
    }
  }

  void awaitReady() {
    String line = read();
    if (!line.equals("ready")) {
      throw new IllegalStateException("a receiver said \"%s\" instead of ready".formatted(line));
    }
  }

  void tell(String line) {
    try {
      in.write(line);
      in.newLine();
      in.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a receiver is gone", e);
    }
  }

  /** Waits until it has everything; what it has used so far. */
  Usage awaitDone() {
    return Usage.parse(read());
  }

  private String read() {
    try {
      String line = out.readLine();
      if (line == null) {
        throw new IllegalStateException("a receiver ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException("a receiver is gone", e);
    }
  }

  /** Ends it by the end of its input, so that it cleans up; by force if that takes too long. */
  @Override
  public void close() {
    try {
      in.close();
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException("a receiver is gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
