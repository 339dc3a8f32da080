package io.atelier.actors.run.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.port.Clock;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {

  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanos() {
          return 5_000_000;
        }

        @Override
        public long epochMillis() {
          return 1_000;
        }
      };

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void setUp() {
    file = folder.resolve("trace.json");
  }

  private List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    Json.MAPPER.readTree(file.toFile()).forEach(events::add);
    return events;
  }

  private long count(String kind, String name) throws IOException {
    return events().stream()
        .filter(e -> e.get("ph").asText().equals(kind) && e.get("name").asText().equals(name))
        .count();
  }

  @Test
  void shouldShowEveryPhaseOfAGroup() throws IOException {
    try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
      trace.group(TrainedGroups.of(3, 1));
    }
    String[] names = {
      "queue", "generate", "wait for score", "transfer", "encode", "score", "wait", "train"
    };
    long[] begins = {1, 2, 4, 5, 6, 7, 8, 10};
    long[] ends = {2, 4, 5, 6, 7, 8, 10, 16};
    for (int i = 0; i < names.length; i++) {
      for (JsonNode event : events()) {
        if (event.get("name").asText().equals(names[i])) {
          assertEquals("3.1/0", event.get("id").asText());
          boolean begin = event.get("ph").asText().equals("b");
          long expected = 1_000_000 + 1000 * (begin ? begins[i] : ends[i]);
          assertEquals(expected, event.get("ts").asLong(), names[i]);
        }
      }
      assertEquals(1, count("b", names[i]));
      assertEquals(1, count("e", names[i]));
    }
  }

  @Test
  void shouldShowForHowLongAWorkerTookWeightsOver() throws IOException {
    try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
      trace.group(TrainedGroups.of(3, 1));
      trace.loaded("rollout-0", new Span(7_000_000, 7_250_000));
    }
    JsonNode load =
        events().stream()
            .filter(e -> e.get("name").asText().equals("load weights"))
            .findFirst()
            .orElseThrow();
    assertEquals(1_002_000, load.get("ts").asLong());
    assertEquals(250, load.get("dur").asLong());
    JsonNode drawn =
        events().stream()
            .filter(e -> e.get("name").asText().equals("group 3.1"))
            .findFirst()
            .orElseThrow();
    assertEquals(drawn.get("tid"), load.get("tid"));
  }

  @Test
  void shouldBindSamplingScoringAndTrainingByOneArrow() throws IOException {
    try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
      trace.group(TrainedGroups.of(3, 1));
      trace.group(TrainedGroups.of(3, 2));
    }
    for (String kind : List.of("s", "t", "f")) {
      assertEquals(2, count(kind, "group"));
    }
    assertEquals(1, count("X", "step 3"));
    assertEquals(2, count("X", "group 3.1"));
  }

  @Test
  void shouldGoOnAfterAGoodEnd() throws IOException {
    TraceFile.open(file, CLOCK, Fence.NONE).close();
    int before = events().size();
    try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
      trace.group(TrainedGroups.of(0, 0));
    }
    assertTrue(events().size() > before + 10);
  }

  @Test
  void shouldGoOnAfterBeingKilledAtAnyByte() throws IOException {
    try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
      trace.group(TrainedGroups.of(0, 0));
    }
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(
          file,
          java.util.Arrays.copyOf(whole, length),
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING);
      try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
        trace.group(TrainedGroups.of(1, 0));
      }
      assertEquals(1, count("b", "group 1.0"), "cut at " + length);
    }
  }

  @Test
  void shouldNotTakeInWhatAConductorWritesThatWasReplaced() throws IOException {
    try (TraceFile replaced = TraceFile.open(file, CLOCK, Fence.NONE)) {
      replaced.group(TrainedGroups.of(1, 0));
      try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
        replaced.group(TrainedGroups.of(2, 0));
        trace.group(TrainedGroups.of(3, 0));
      }
    }
    assertEquals(0, count("X", "group 2.0"));
    assertEquals(2, count("X", "group 1.0"));
    assertEquals(2, count("X", "group 3.0"));
  }

  @Test
  void shouldPutALargeFileAside() throws IOException {
    int steps = 30;
    try (TraceFile trace = TraceFile.open(file, CLOCK, 20_000, Fence.NONE)) {
      for (int step = 0; step < steps; step++) {
        trace.group(TrainedGroups.of(step, 0));
        trace.group(TrainedGroups.of(step, 1));
      }
    }
    int parts = 0;
    long groups = count("b", "queue");
    while (Files.exists(folder.resolve("trace-%d.json".formatted(parts + 1)))) {
      parts++;
      file = folder.resolve("trace-%d.json".formatted(parts));
      assertTrue(Files.size(file) < 30_000, () -> file + " is large");
      groups += count("b", "queue");
      assertEquals(1, count("M", "process_name") / 2);
      assertTrue(count("M", "thread_name") >= 3, "workers have their names in each file");
    }
    assertTrue(parts > 3, parts + " parts");
    assertEquals(2 * steps, groups);
  }

  @Test
  void shouldNotPutTheFileOfAnotherConductorAside() throws IOException {
    try (TraceFile replaced = TraceFile.open(file, CLOCK, 1, Fence.NONE)) {
      replaced.group(TrainedGroups.of(1, 0));
      try (TraceFile trace = TraceFile.open(file, CLOCK, Fence.NONE)) {
        replaced.group(TrainedGroups.of(2, 0));
        trace.group(TrainedGroups.of(3, 0));
      }
    }
    assertEquals(2, count("X", "group 3.0"));
  }
}
