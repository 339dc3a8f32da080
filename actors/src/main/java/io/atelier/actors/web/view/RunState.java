package io.atelier.actors.web.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.FileMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The state of a run, from its {@code run.json}.
 *
 * @param name {@code starting}, {@code running}, {@code paused}, {@code stopping}, {@code stopped},
 *     {@code finished}, {@code failed}; {@code dead} for one that should be alive but has stopped
 *     its heartbeat; {@code unknown} if no file says it
 * @param json the file; a missing node if there is none
 * @param silent seconds since the last heartbeat; negative if there is none
 * @param problem what is wrong with the file
 */
record RunState(String name, JsonNode json, double silent, Optional<String> problem) {

  private static final List<String> ALIVE = List.of("starting", "running", "paused", "stopping");
  private static final List<String> OVER = List.of("stopped", "finished", "failed");

  /** Missed heartbeats before a run is taken for dead. */
  private static final int MISSED = 6;

  private static final int EVERY_SECONDS = 5;
  private static final long LARGEST = 1 << 20;

  /**
   * Reads the state.
   *
   * @param now milliseconds since 1970
   */
  static RunState read(Path folder, long now) {
    Path file = folder.resolve("run.json");
    try {
      FileMark mark = FileMark.of(file);
      if (!mark.exists()) {
        boolean finished = FileMark.of(folder.resolve("summary.json")).exists();
        return new RunState(
            finished ? "finished" : "unknown", MissingNode.getInstance(), -1, Optional.empty());
      }
      if (mark.size() > LARGEST) {
        return broken("it has %d bytes".formatted(mark.size()));
      }
      return of(Answer.JSON.readTree(Files.readAllBytes(file)), now);
    } catch (JsonProcessingException e) {
      return broken(e.getOriginalMessage());
    } catch (IOException e) {
      return broken(Storage.reason(e));
    }
  }

  private static RunState of(JsonNode json, long now) {
    String said = json.path("state").asText();
    if (OVER.contains(said)) {
      return new RunState(said, json, -1, Optional.empty());
    }
    if (!ALIVE.contains(said)) {
      return broken("its state is \"%s\"".formatted(said));
    }
    double silent = (now - json.path("beat").asLong()) / 1e3;
    int every = json.path("everySeconds").asInt(EVERY_SECONDS);
    String name = silent > (double) MISSED * Math.max(1, every) ? "dead" : said;
    return new RunState(name, json, Math.max(0, silent), Optional.empty());
  }

  private static RunState broken(String why) {
    return new RunState(
        "unknown",
        MissingNode.getInstance(),
        -1,
        Optional.of(
            "run.json cannot be read: %s; the run writes it again, if it is alive".formatted(why)));
  }

  /** Returns since when steps are expected, milliseconds since 1970; empty if none are. */
  OptionalLong works() {
    return name.equals("running")
        ? OptionalLong.of(json.path("since").asLong())
        : OptionalLong.empty();
  }
}
