package io.atelier.actors.experiment;

import io.atelier.actors.machine.Jvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code ./atelier} in a JVM of its own, so that runs share no native memory or threads. It stops
 * with a checkpoint when its standard input ends, as it does when this JVM is killed.
 */
final class JobProcess implements AutoCloseable {

  /** Beginnings of lines that are worth showing among those of other runs. */
  private static final List<String> SHOWN =
      List.of("held out, ", "trained prompts, ", "resuming ", "WARNING", "ALARM", "cleared ");

  private static final String FAILURE = "atelier: ";

  private final Process process;
  private final Job job;

  private JobProcess(Process process, Job job) {
    this.process = process;
    this.job = job;
  }

  /** Starts it with the flags of this JVM. */
  static JobProcess start(Job job) {
    try {
      return new JobProcess(
          new ProcessBuilder(Jvm.atelier(job.arguments())).redirectErrorStream(true).start(), job);
    } catch (IOException e) {
      throw new UncheckedIOException("no process can be started for " + job.name(), e);
    }
  }

  /**
   * Waits for its end, and writes its output to the log.
   *
   * @param say receives the lines that are worth showing
   * @return why it failed; empty if it did not
   */
  String await(Consumer<String> say) throws InterruptedException {
    String last = "it said nothing";
    Optional<String> figures = Optional.empty();
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        PrintWriter log =
            new PrintWriter(
                Files.newBufferedWriter(
                    job.log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                true)) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        log.println(line);
        String text = line;
        if (SHOWN.stream().anyMatch(text::startsWith)) {
          say.accept("%s: %s".formatted(job.name(), line));
        }
        if (line.startsWith("{")) {
          figures = Optional.of(line);
        }
        if (line.startsWith(FAILURE)) {
          last = line.substring(FAILURE.length());
        }
      }
      int code = process.waitFor();
      if (code != 0) {
        return "exit code %d: %s (see %s)".formatted(code, last, job.log());
      }
      return job.end(figures);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it after its current step and a checkpoint. */
  void stop() {
    if (!job.stopsWithInput()) {
      process.destroy(); // it has nothing to resume from
      return;
    }
    try {
      process.outputWriter().close();
    } catch (IOException e) {
      process.destroy(); // its input is broken, so it will not see the end
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
