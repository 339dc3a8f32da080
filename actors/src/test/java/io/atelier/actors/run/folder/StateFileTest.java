package io.atelier.actors.run.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.port.Clock;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {

  @TempDir Path parent;
  private RunFolder folder;
  private long millis = 1_000;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return millis * 1_000_000;
        }

        @Override
        public long epochMillis() {
          return millis;
        }
      };

  @BeforeEach
  void setUp() {
    folder = RunFolder.create(parent.resolve("run"), "");
  }

  @AfterEach
  void tearDown() {
    folder.close();
  }

  private JsonNode read() throws IOException {
    return Json.MAPPER.readTree(folder.files().state().toFile());
  }

  private String state() throws IOException {
    return read().get("state").asText();
  }

  @Test
  void shouldSayWhatIsPromised() throws IOException {
    StateFile file = StateFile.begin(folder, 80, 3, clock);
    JsonNode begun = read();
    List<String> keys = new ArrayList<>();
    begun.fieldNames().forEachRemaining(keys::add);
    assertEquals(
        List.of(
            "format",
            "state",
            "step",
            "steps",
            "secondsPerStep",
            "started",
            "since",
            "beat",
            "everySeconds",
            "host",
            "pid",
            "page",
            "epoch",
            "cause",
            "program"),
        keys);
    assertEquals(1, begun.get("format").asInt());
    assertEquals("starting", begun.get("state").asText());
    assertEquals(3, begun.get("step").asInt());
    assertEquals(80, begun.get("steps").asInt());
    assertTrue(begun.get("secondsPerStep").isNull());
    assertEquals(ProcessHandle.current().pid(), begun.get("pid").asLong());
    assertTrue(begun.get("page").isNull());
    assertTrue(begun.get("cause").isNull());
    assertEquals(5, begun.get("everySeconds").asInt());
    file.trained(4, 6.5);
    file.page("http://127.0.0.1:25600");
    millis = 7_000;
    file.beat();
    JsonNode later = read();
    assertEquals("running", later.get("state").asText());
    assertEquals(4, later.get("step").asInt());
    assertEquals(6.5, later.get("secondsPerStep").asDouble());
    assertEquals("http://127.0.0.1:25600", later.get("page").asText());
    assertEquals(1_000, later.get("started").asLong());
    assertEquals(1_000, later.get("since").asLong());
    file.paused(true);
    millis = 9_000;
    file.beat();
    assertEquals(7_000, read().get("since").asLong());
    assertEquals(7_000, later.get("beat").asLong());
  }

  @Test
  void shouldSayWhatTheRunIsAt() throws IOException {
    StateFile file = StateFile.begin(folder, 80, 0, clock);
    List<String> states = new ArrayList<>(List.of(state()));
    file.begun();
    states.add(state());
    file.paused(true);
    states.add(state());
    file.paused(false);
    states.add(state());
    file.paused(true);
    file.stopping(); // which ends a pause
    states.add(state());
    file.end(StateFile.State.STOPPED, Optional.empty());
    states.add(state());
    assertEquals(
        List.of("starting", "running", "paused", "running", "stopping", "stopped"), states);
  }

  @Test
  void shouldNameTheCauseAndSayNothingAfterTheEnd() throws IOException {
    StateFile file = StateFile.begin(folder, 80, 0, clock);
    file.end(StateFile.State.FAILED, Optional.of(new RunFailedException("no such model")));
    assertEquals("failed", state());
    assertEquals("no such model", read().get("cause").asText());
    Files.delete(folder.files().state()); // as a run that recorded nothing does
    file.beat();
    file.page("http://127.0.0.1:25600");
    assertFalse(Files.exists(folder.files().state()));
  }

  /** What is in its way is logged once, and the run goes on. */
  @Test
  void shouldNotFailARunByWhatIsInTheWay() throws IOException {
    StateFile file = StateFile.begin(folder, 80, 0, clock);
    Files.delete(folder.files().state());
    Files.createDirectories(folder.files().state().resolve("in the way"));
    file.begun();
    file.end(StateFile.State.FINISHED, Optional.empty());
    assertTrue(Files.isDirectory(folder.files().state()));
  }

  @Test
  void shouldLeaveTheFileToAConductorThatHasTakenOver() throws IOException {
    Path root = parent.resolve("shared");
    try (RunFolder first = RunFolder.takeOver(root, "", files -> {})) {
      StateFile old = StateFile.begin(first, 80, 0, clock);
      try (RunFolder second = RunFolder.takeOver(root, "", files -> {})) {
        millis = 9_000;
        StateFile.begin(second, 80, 0, clock);
        millis = 12_000;
        old.beat();
        old.end(StateFile.State.FAILED, Optional.empty());
      }
    }
    JsonNode left = Json.MAPPER.readTree(new RunFiles(root).state().toFile());
    assertEquals("starting", left.get("state").asText());
    assertEquals(9_000, left.get("beat").asLong());
    assertEquals(2, left.get("epoch").asInt());
  }
}
