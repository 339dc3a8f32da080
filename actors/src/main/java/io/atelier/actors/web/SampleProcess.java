package io.atelier.actors.web;

import io.atelier.actors.identity.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws prompts of people's own by {@code ./atelier sample --run}, in a process of its own, whose
 * failure ends no run; the memory that it takes is missing there all the same. One at a time, and
 * on one thread, since a run may go on beside it. It ends with this process. Thread-safe.
 */
final class SampleProcess implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SampleProcess.class);

  /** A model reads no longer ones. */
  private static final int LONGEST = 2_000;

  /** How a line begins that says something, and one that does not say what went wrong. */
  private static final String SAYS = "atelier: ";

  private static final String WARNS = "atelier: warning: ";

  /** Of a process that was killed. */
  private static final int KILLED = 128 + 9;

  private Optional<Process> process = Optional.empty();
  private String prompt = "";
  private Path folder = Path.of("");
  private Optional<String> failure = Optional.empty();
  private boolean stopped;
  private boolean closed;

  /**
   * Begins to draw.
   *
   * @param run its folder
   * @param values {@code prompt} and {@code seed}
   * @return whether it has begun; if not, another one is drawn at the moment
   * @throws IllegalArgumentException if there is nothing to draw, or the seed is none
   */
  synchronized boolean start(Path run, Map<String, String> values) {
    String wanted = values.getOrDefault("prompt", "").strip();
    String seed = values.getOrDefault("seed", "").strip();
    if (wanted.isEmpty() || wanted.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a prompt has 1 to %d characters, not %d".formatted(LONGEST, wanted.length()));
    }
    if (wanted.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a prompt has no control characters");
    }
    if (!seed.isEmpty() && !seed.matches("[0-9]{1,20}")) {
      throw new IllegalArgumentException("the seed \"%s\" is not a number".formatted(seed));
    }
    if (!Files.isWritable(run)) {
      throw new IllegalArgumentException(
          "%s cannot be written to, so no image can be kept there".formatted(run));
    }
    if (process.isPresent() || closed) {
      return false;
    }
    List<String> command =
        Program.command(
            List.of(
                "sample",
                "--run=" + run,
                "--prompt=" + wanted,
                "--seed=" + (seed.isEmpty() ? "0" : seed),
                "--threads=1",
                "--stop-with-input"));
    try {
      Process begun = new ProcessBuilder(command).redirectErrorStream(true).start();
      process = Optional.of(begun);
      prompt = wanted;
      folder = run;
      failure = Optional.empty();
      stopped = false;
      Thread waits = new Thread(() -> await(begun), "sample");
      waits.setDaemon(true);
      waits.start();
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("no process can be started to draw in", e);
    }
  }

  private void await(Process begun) {
    String last = "it said nothing";
    try (BufferedReader said = begun.inputReader(StandardCharsets.UTF_8)) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        LOG.info("sample: {}", line);
        if (!line.isBlank() && !line.startsWith(WARNS)) {
          last = line.startsWith(SAYS) ? line.substring(SAYS.length()) : line;
        }
      }
      ended(failure(begun.waitFor(), last));
    } catch (IOException e) {
      begun.destroyForcibly();
      ended(Optional.of("what it said could not be read: " + e.getMessage()));
    } catch (InterruptedException e) {
      begun.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private Optional<String> failure(int code, String last) {
    synchronized (this) {
      if (code == 0 || stopped) {
        return stopped ? Optional.of("it was stopped") : Optional.empty();
      }
    }
    return Optional.of(
        code == KILLED
            ? "it was killed, probably because memory ran out"
            : "exit code %d: %s".formatted(code, last));
  }

  /** Ends what is drawn for a run at the moment; returns whether there was something. */
  synchronized boolean stop(Path run) {
    if (process.isEmpty() || !run.equals(folder)) {
      return false;
    }
    stopped = true;
    process.get().destroyForcibly();
    return true;
  }

  private synchronized void ended(Optional<String> why) {
    process = Optional.empty();
    failure = why;
  }

  /**
   * What is drawn for a run at the moment, and why the last one was not: {@code drawing} and {@code
   * failure}, null where there is none.
   */
  synchronized Map<String, Object> state(Path run) {
    boolean own = run.equals(folder);
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("drawing", own && process.isPresent() ? prompt : null);
    state.put("failure", own ? failure.map(why -> prompt + ": " + why).orElse(null) : null);
    return state;
  }

  @Override
  public synchronized void close() {
    closed = true;
    process.ifPresent(Process::destroyForcibly);
  }
}
