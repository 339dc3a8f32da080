package io.atelier.actors.run.folder;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.identity.Version;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.RunListener;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.ReplacedException;
import io.atelier.actors.run.file.WriteFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code run.json}: the state of a run, the host of its process, and the last heartbeat, by which a
 * dead run is told from a running one. It is informational: a failure to write it is only logged.
 * Thread-safe, because heartbeats come from their own thread.
 */
public final class StateFile {

  /** The state of a run. The last three are final. */
  public enum State {
    STARTING,
    RUNNING,
    PAUSED,
    STOPPING,
    STOPPED,
    FINISHED,
    FAILED;

    /** Spelling in the file. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

  /** Version of the file's keys. */
  private static final int FORMAT = 1;

  private final RunFolder folder;
  private final Clock clock;
  private final int steps;
  private final long started;
  private final String host = host();
  private int step;
  private double secondsPerStep = Double.NaN;
  private boolean begun;
  private boolean paused;
  private boolean stopping;
  private Optional<State> end = Optional.empty();
  private Optional<String> cause = Optional.empty();
  private Optional<String> page = Optional.empty();
  private Optional<State> written = Optional.empty();
  private long since;
  private boolean complained;

  private StateFile(RunFolder folder, int steps, int trained, Clock clock) {
    this.folder = folder;
    this.clock = clock;
    this.steps = steps;
    this.started = clock.epochMillis();
    this.step = trained;
    this.paused = folder.isPaused();
  }

  /**
   * Starts the file as the process of a run starts.
   *
   * @param steps of the whole run
   * @param trained steps trained so far
   */
  public static StateFile begin(RunFolder folder, int steps, int trained, Clock clock) {
    StateFile state = new StateFile(folder, steps, trained, clock);
    state.beat();
    return state;
  }

  /**
   * Steps trained when the previous process failed.
   *
   * @return empty if it did not fail, or if there was none
   */
  static OptionalInt failedAt(Path file) {
    if (Files.notExists(file)) {
      return OptionalInt.empty();
    }
    try {
      JsonNode state = Json.MAPPER.readTree(file.toFile());
      return state.path("state").asText().equals(State.FAILED.text())
          ? OptionalInt.of(state.path("step").asInt())
          : OptionalInt.empty();
    } catch (IOException e) {
      LOG.warn("it is not known how the previous process ended: {} cannot be read", file, e);
      return OptionalInt.empty();
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** The run starts working. */
  public synchronized void begun() {
    begun = true;
    beat();
  }

  public synchronized void paused(boolean pause) {
    paused = pause;
    beat();
  }

  public synchronized void stopping() {
    stopping = true;
    beat();
  }

  public synchronized void page(String url) {
    page = Optional.of(url);
    beat();
  }

  /**
   * A step has been trained. This is only written with the next heartbeat.
   *
   * @param now steps trained
   * @param seconds recent mean time of a step
   */
  public synchronized void trained(int now, double seconds) {
    begun = true;
    step = now;
    secondsPerStep = seconds;
  }

  /**
   * The run is over; nothing is written after that.
   *
   * @param failure why, if it failed
   */
  public synchronized void end(State state, Optional<Throwable> failure) {
    cause = failure.map(error -> Optional.ofNullable(error.getMessage()).orElse(error.toString()));
    write(state);
    end = Optional.of(state);
  }

  /** Writes a heartbeat. */
  public synchronized void beat() {
    if (end.isEmpty()) {
      write(state());
    }
  }

  private State state() {
    if (stopping) {
      return State.STOPPING;
    }
    if (paused) {
      return State.PAUSED;
    }
    return begun ? State.RUNNING : State.STARTING;
  }

  private void write(State state) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("format", FORMAT);
    values.put("state", state.text());
    values.put("step", step);
    values.put("steps", steps);
    values.put("secondsPerStep", Json.finite((Object) secondsPerStep));
    if (!written.equals(Optional.of(state))) {
      written = Optional.of(state);
      since = clock.epochMillis();
    }
    values.put("started", started);
    values.put("since", since);
    values.put("beat", clock.epochMillis());
    values.put("everySeconds", RunListener.BEAT.toSeconds());
    values.put("host", host);
    values.put("pid", ProcessHandle.current().pid());
    values.put("page", page.orElse(null));
    values.put("epoch", folder.epoch());
    values.put("cause", cause.orElse(null));
    values.put("program", Version.of("atelier"));
    try {
      Durable.swap(folder.files().state(), Json.pretty(values), folder.fence());
    } catch (WriteFailedException | ReplacedException e) {
      if (!complained) {
        complained = true;
        LOG.warn("{} could not be written: {}", folder.files().state(), e.getMessage());
      }
    }
  }
}
