package io.atelier.actors.web;

import io.atelier.actors.machine.Jvm;
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
  private int begun;
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
        Jvm.atelier(
            List.of(
                "sample",
                "--run=" + run,
                "--prompt=" + wanted,
                "--seed=" + (seed.isEmpty() ? "0" : seed),
                "--threads=1",
                "--stop-with-input"));
    try {
      Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
      process = Optional.of(started);
      begun++;
      prompt = wanted;
      folder = run;
      failure = Optional.empty();
      stopped = false;
      Thread waits = new Thread(() -> await(started), "sample");
      waits.setDaemon(true);
      waits.start();
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("no process can be started to draw in", e);
    }
  }

  private void await(Process started) {
    String last = "it said nothing";
    try (BufferedReader said = started.inputReader(StandardCharsets.UTF_8)) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        LOG.info("sample: {}", line);
        if (!line.isBlank() && !line.startsWith(WARNS)) {
          last = line.startsWith(SAYS) ? line.substring(SAYS.length()) : line;
        }
      }
    } catch (IOException e) { // also of one that was stopped
      last = "what it said could not be read: " + e.getMessage();
    }
    ended(started.onExit().join().exitValue(), last);
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

  private synchronized void ended(int code, String last) {
    process = Optional.empty();
    if (stopped) {
      failure = Optional.of("it was stopped");
    } else if (code == KILLED) {
      failure = Optional.of("it was killed, probably because memory ran out");
    } else if (code != 0) {
      failure = Optional.of("exit code %d: %s".formatted(code, last));
    }
  }

  /**
   * What is drawn for a run at the moment, and why the last one was not: {@code drawing} and {@code
   * failure}, null where there is none; and how many were begun, so that one failure can be told
   * from the next.
   */
  synchronized Map<String, Object> state(Path run) {
    boolean own = run.equals(folder);
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("drawing", own && process.isPresent() ? prompt : null);
    state.put("begun", begun);
    state.put("failure", own ? failure.map(why -> prompt + ": " + why).orElse(null) : null);
    return state;
  }

  @Override
  public synchronized void close() {
    closed = true;
    process.ifPresent(Process::destroyForcibly);
  }
}
