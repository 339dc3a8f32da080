package io.atelier.actors.run.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.Json;
import io.atelier.actors.run.file.ReplacedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupFileTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void setUp() {
    file = folder.resolve("groups.jsonl");
  }

  private GroupFile open(int trained) {
    return GroupFile.open(file, trained, Fence.NONE);
  }

  /** Two groups of each of these steps, counted from 0. */
  private void write(int trained, int from, int to) {
    try (GroupFile groups = open(trained)) {
      for (int step = from; step < to; step++) {
        groups.add(TrainedGroups.of(step, 0));
        groups.add(TrainedGroups.of(step, 1));
      }
    }
  }

  private List<String> names() throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.replaceFirst(".*\"group\":\"([^\"]+)\".*", "$1"))
        .toList();
  }

  @Test
  void shouldTellOfAGroupWhatIsPromised() throws IOException {
    write(0, 11, 12);
    List<String> lines = Files.readAllLines(file);
    assertEquals(2, lines.size());
    JsonNode expected =
        Json.MAPPER.readTree(
            """
            {"step": 12, "group": "11.1", "attempt": 0, "prompt": "a red \\"apple\\"",
             "policy": 10, "critic": 11, "lag": 1,
             "rolloutWorker": "rollout-0", "rewardWorker": "reward-0",
             "rewards": [1.5, 1.75], "advantages": [-1.0, 1.0],
             "leaves": {"jpeg": [0.5, -0.25], "adversarial": [1.0, 2.0],
                        "adversarial/global": [3.0, null]},
             "nodes": {"even": [0.125, null]},
             "seconds": {"queue": 0.001, "generate": 0.002, "hold": 0.001, "transfer": 0.001, "encode": 0.001,
                         "score": 0.001, "wait": 0.002, "train": 0.006},
             "pictures": true}
            """);
    assertEquals(expected, Json.MAPPER.readTree(lines.get(1)));
  }

  @Test
  void shouldDropWhatARunThatGoesOnHasNotTrained() throws IOException {
    write(0, 0, 5);
    write(3, 3, 4);
    assertEquals(List.of("0.0", "0.1", "1.0", "1.1", "2.0", "2.1", "3.0", "3.1"), names());
    write(0, 0, 1);
    assertEquals(List.of("0.0", "0.1"), names());
  }

  @Test
  void shouldEndALineThatAKilledRunLeftInTheMiddle() throws IOException {
    write(0, 0, 1);
    String whole = Files.readString(file);
    Files.writeString(file, whole.substring(0, 90), StandardOpenOption.APPEND);
    write(1, 1, 2);
    assertEquals(List.of("0.0", "0.1", "1.0", "1.1"), names());
    assertEquals(whole, Files.readString(file).substring(0, whole.length()));
  }

  @Test
  void shouldLeaveALineThatCannotBeRead() throws IOException {
    Files.writeString(file, "{\"step\":1}\nwhat?\n{\"other\":9}\n{\"step\":2}\n{\"step\":3}\n");
    open(2).close();
    assertEquals("{\"step\":1}\nwhat?\n{\"other\":9}\n{\"step\":2}\n", Files.readString(file));
  }

  /** A conductor that was replaced goes on in the old file, and puts nothing in place. */
  @Test
  void shouldWriteIntoNobodyElsesFile() throws IOException {
    try (GroupFile replaced = open(0)) {
      try (GroupFile groups = open(0)) {
        replaced.add(TrainedGroups.of(0, 0));
        groups.add(TrainedGroups.of(0, 1));
      }
    }
    assertEquals(List.of("0.1"), names());
    Fence fence =
        new Fence(
            1,
            () -> {
              throw new ReplacedException("another has the run");
            });
    assertThrows(ReplacedException.class, () -> GroupFile.open(file, 0, fence));
    assertEquals(List.of("0.1"), names());
    assertFalse(Files.exists(fence.aside(file)));
  }
}
