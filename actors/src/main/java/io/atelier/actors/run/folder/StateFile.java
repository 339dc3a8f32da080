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
 * {@code run.json}: what a run is at, where its process is, and when that was last heard of, by
 * which a dead run is told from one that goes on. It is for people: what keeps it from being
 * written only stands in the log. Thread-safe, for signs of life come from a thread of their own.
 */
public final class StateFile {

  /** What a run is at. The last three are final. */
  public enum State {
    STARTING,
    RUNNING,
    PAUSED,
    STOPPING,
    STOPPED,
    FINISHED,
    FAILED;

    /** As it is written. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

  /** Of the keys of the file. */
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
   * The process of a run starts.
   *
   * @param steps of the whole run
   * @param trained of these before
   */
  public static StateFile begin(RunFolder folder, int steps, int trained, Clock clock) {
    StateFile state = new StateFile(folder, steps, trained, clock);
    state.beat();
    return state;
  }

  /**
   * Steps at which the process before this one failed.
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
      LOG.warn("how the process before this one ended is not known: {} cannot be read", file, e);
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

  /** Work is given. */
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
   * A step is trained. That is only written with the next sign of life.
   *
   * @param now steps that are trained
   * @param seconds of one step, of late
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

  /** The process lives. */
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
        LOG.warn("{} is not written: {}", folder.files().state(), e.getMessage());
      }
    }
  }
}
