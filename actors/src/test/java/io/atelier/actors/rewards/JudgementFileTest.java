package io.atelier.actors.rewards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.models.vision.Images;
import io.atelier.reward.judge.Match;
import io.atelier.rollout.GroupId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JudgementFileTest {

  private static final Images BLACK = new Images(1, 1, 1, new byte[3]);

  @TempDir Path folder;

  private static Judgement judgement(int step, String text) {
    return new Judgement(
        "taste",
        new GroupId(step, 0),
        "a fox",
        new Match(1, Match.ANCHOR, BLACK, BLACK),
        false,
        0,
        OptionalDouble.of(0.5),
        text);
  }

  @Test
  void shouldAddToWhatIsThere() throws IOException {
    Path file = folder.resolve("run/judgements.jsonl");
    JudgementFile judgements = new JudgementFile(file);
    judgements.add(List.of());
    assertFalse(Files.exists(file), "there is nothing to write");
    judgements.add(List.of(judgement(0, "one"), judgement(1, "two\u2028\n\"three\"")));
    new JudgementFile(file).add(List.of(judgement(2, "four")));
    List<String> lines = Files.readAllLines(file);
    assertEquals(3, lines.size());
    assertEquals(
        "two\u2028\n\"three\"",
        new ObjectMapper().readTree(lines.get(1)).get("rationale").asText());
    assertEquals(
        "[1,\"anchor\"]", new ObjectMapper().readTree(lines.get(1)).get("pair").toString());
    assertEquals("equal", new ObjectMapper().readTree(lines.get(2)).get("verdict").asText());
  }

  /** Two files of at most 1,000 bytes and one more line, whatever comes. */
  @Test
  void shouldKeepTheNewest() throws IOException {
    Path file = folder.resolve("judgements.jsonl");
    JudgementFile judgements = new JudgementFile(file, 1000);
    for (int step = 0; step < 100; step++) {
      judgements.add(List.of(judgement(step, "x".repeat(100))));
    }
    Path old = folder.resolve("judgements.jsonl.old");
    assertTrue(Files.size(old) >= 1000 && Files.size(old) < 1400, Files.size(old) + " bytes");
    List<String> kept = Files.readAllLines(old);
    if (Files.exists(file)) {
      kept.addAll(Files.readAllLines(file));
    }
    assertEquals(100, new ObjectMapper().readTree(kept.get(kept.size() - 1)).get("step").asInt());
    for (int i = 1; i < kept.size(); i++) {
      assertEquals(
          1,
          new ObjectMapper().readTree(kept.get(i)).get("step").asInt()
              - new ObjectMapper().readTree(kept.get(i - 1)).get("step").asInt());
    }
  }

  /** What is for people only does not end a run. */
  @Test
  void shouldGoOnWithoutAFileThatCannotBeWritten() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("run"), "a file");
    JudgementFile judgements = new JudgementFile(inTheWay.resolve("judgements.jsonl"));
    judgements.add(List.of(judgement(0, "one")));
    judgements.add(List.of(judgement(1, "two")));
    assertEquals("a file", Files.readString(inTheWay));
  }
}
