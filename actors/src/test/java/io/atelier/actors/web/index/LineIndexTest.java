package io.atelier.actors.web.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineIndexTest {

  @TempDir Path folder;
  private Path file;
  private LineIndex index;

  @BeforeEach
  void open() {
    file = folder.resolve("lines.jsonl");
    index = new LineIndex(file, LineIndex.Named.ANY);
  }

  private void add(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private List<String> prompts(int step) throws IOException {
    return index.lines(step).stream().map(line -> line.get("prompt").asText()).toList();
  }

  @Test
  void shouldFindLinesOfAStepWhileTheFileGrows() throws IOException {
    assertEquals(Set.of(), index.steps());
    add("{\"step\":1,\"prompt\":\"a\"}\n{\"step\":1,\"prompt\":\"ä b\"}\n{\"prompt\":\"c\",\"st");
    assertEquals(List.of("a", "ä b"), prompts(1));
    assertEquals(Set.of(1), index.steps());
    add("ep\":2}\n");
    assertEquals(List.of("c"), prompts(2));
    assertEquals(Set.of(1, 2), index.steps());
    assertEquals(List.of(), index.lines(3));
  }

  @Test
  void shouldReadAFileThatWasReplacedAnew() throws IOException {
    add("{\"step\":1,\"prompt\":\"a\"}\n{\"step\":2,\"prompt\":\"b\"}\n");
    assertEquals(Set.of(1, 2), index.steps());
    Path other = Files.writeString(folder.resolve("other"), "{\"step\":1,\"prompt\":\"new\"}\n");
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(Set.of(1), index.steps());
    assertEquals(List.of("new"), prompts(1));
  }

  @Test
  void shouldKnowFilesThatLinesNameAndNoOthers() throws IOException {
    add(
        "{\"step\":1,\"file\":\"ab/one.jpg\",\"places\":{\"file\":\"map.png\",\"m\":{\"logits\":[1]}}}\n");
    add(
        "{\"step\":40,\"images\":[{\"prompt\":\"\\\"file\\\":\\\"no.png\\\"\",\"file\":\"e/00.png\"}]}\n");
    add("{\"prompt\":\"a\",\"files\":[\"references/00-0.jpg\",\"references/00-1.jpg\"]}\n");
    for (String name : List.of("ab/one.jpg", "e/00.png", "references/00-1.jpg")) {
      assertTrue(index.names(name), name);
    }
    assertFalse(index.names("map.png"));
    assertFalse(index.names("no.png"));
    assertEquals(Set.of(1, 40), index.steps());
  }

  @Test
  void shouldTakeTheFileOfALineAsRunsWriteIt() throws IOException {
    index = new LineIndex(file, LineIndex.Named.ONE);
    String places = "\"places\":{\"a\":{\"low\":{\"logits\":[1,2]}}}}\n";
    add("{\"step\":12,\"group\":\"11.3\",\"file\":\"ab/one.jpg\"," + places);
    add("{\"step\":12,\"prompt\":\"\\\"file\\\":\\\"x.jpg\",\"file\":\"ab/two.jpg\"," + places);
    add("{\"group\":\"1.1\",\"step\":13,\"file\":\"ab/late.jpg\"," + places);
    add(
        "{\"step\":13,\"prompt\":\"%s\",\"file\":\"ab/far.jpg\",".formatted("a".repeat(600))
            + places);
    add("{\"step\":13,\"file\":\"ab/\\u0041.jpg\"," + places);
    add("{\"step\":1.5,\"file\":\"ab/half.jpg\"," + places);
    for (String name : List.of("one", "two", "late", "far", "A")) {
      assertTrue(index.names("ab/" + name + ".jpg"), name);
    }
    assertFalse(index.names("x.jpg"));
    assertFalse(index.names("\\"));
    assertEquals(2, index.lines(12).size());
    assertEquals(3, index.lines(13).size());
    assertEquals(Set.of(12, 13), index.steps());
    LineIndex none = new LineIndex(file, LineIndex.Named.NONE);
    assertEquals(Set.of(12, 13), none.steps());
    assertEquals(3, none.lines(13).size());
  }

  @Test
  void shouldLeaveOutDamagedLines() throws IOException {
    add("{\"step\":1,\"prompt\":\"a\"}\n{\"step\":\n\u0000\u0000\n{\"step\":2,\"prompt\":\"b\"}\n");
    assertEquals(2, index.damaged());
    assertEquals(List.of("b"), prompts(2));
  }

  @Test
  void shouldRefuseAFileWithoutLines() throws IOException {
    Files.write(file, new byte[LineIndex.LONGEST + 2]);
    assertTrue(
        assertThrows(IOException.class, index::steps)
            .getMessage()
            .contains("lines.jsonl has a line"));
  }
}
