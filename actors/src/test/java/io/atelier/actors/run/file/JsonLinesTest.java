package io.atelier.actors.run.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void setUp() {
    file = folder.resolve("metrics.jsonl");
  }

  private JsonLines open() {
    return JsonLines.open(file, line -> true, Fence.NONE);
  }

  @Test
  void shouldWriteNullForWhatIsNoNumberAndKeepKeysStable() throws IOException {
    try (JsonLines lines = open()) {
      lines.append(new TreeMap<>(Map.of("a", 1, "b", Double.NaN)));
      lines.append(Map.of("b", Float.POSITIVE_INFINITY));
      lines.append(new TreeMap<>(Map.of("a", 3, "c", "x")));
    }
    assertEquals(
        List.of(
            "{\"a\":1,\"b\":null}", "{\"a\":null,\"b\":null}", "{\"a\":3,\"b\":null,\"c\":\"x\"}"),
        Files.readAllLines(file));
  }

  @Test
  void shouldBeReadableAfterEveryLine() {
    try (JsonLines lines = open()) {
      lines.append(Map.of("step", 0));
      assertEquals(List.of(Map.of("step", 0)), JsonLines.read(file));
    }
  }

  @Test
  void shouldGoOnFromAStepWithTheSameKeys() throws IOException {
    try (JsonLines lines = open()) {
      for (int step = 0; step < 4; step++) {
        lines.append(new TreeMap<>(Map.of("reward", step / 4.0, "step", step)));
      }
    }
    Files.writeString(file, "{\"reward\":0.9,\"st", StandardOpenOption.APPEND); // killed here
    try (JsonLines lines =
        JsonLines.open(file, line -> (Integer) line.get("step") < 2, Fence.NONE)) {
      lines.append(Map.of("step", 2));
    }
    assertEquals(
        List.of(
            "{\"reward\":0.0,\"step\":0}",
            "{\"reward\":0.25,\"step\":1}",
            "{\"reward\":null,\"step\":2}"),
        Files.readAllLines(file));
  }

  @Test
  void shouldNameTheLineThatIsDamaged() throws IOException {
    Files.writeString(file, "{\"step\":0}\nnonsense\n");
    RunFolderException e = assertThrows(RunFolderException.class, this::open);
    assertTrue(e.getMessage().contains("line 2 is damaged"), e.getMessage());
  }
}
