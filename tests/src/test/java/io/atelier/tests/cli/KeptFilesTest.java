package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a run of three steps with two groups of two images leaves for people to look at. */
@Timeout(300)
class KeptFilesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Integer> STEPS = List.of(1, 1, 2, 2, 3, 3);

  @TempDir Path folder;
  private TinyRuns runs;

  @BeforeEach
  void name() {
    runs = new TinyRuns(folder);
  }

  private RunFiles files(String run) {
    return new RunFiles(folder.resolve(run));
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static List<Integer> steps(List<JsonNode> lines) {
    return lines.stream().map(line -> line.get("step").asInt()).toList();
  }

  @Test
  void shouldKeepGroupsAndPicturesAndTrainTheSameWithout() throws IOException {
    Cli.done(runs.command("train", "with"));
    Cli.done(runs.command("train", "without", "pictures.megabytes=0"));
    assertEquals(runs.policyHash("without"), runs.policyHash("with"));
    for (String run : List.of("with", "without")) {
      List<JsonNode> groups = lines(files(run).groups());
      assertEquals(STEPS, steps(groups));
      for (JsonNode group : groups) {
        assertEquals(run.equals("with"), group.get("pictures").asBoolean());
        assertEquals(2, group.get("rewards").size());
        assertEquals(2, group.get("advantages").size());
        assertEquals(2, group.at("/leaves/adversarial~1global").size());
        double sum = group.at("/advantages/0").asDouble() + group.at("/advantages/1").asDouble();
        assertEquals(0, sum, 1e-6, group::toString);
        assertTrue(group.at("/seconds/generate").asDouble() > 0, group::toString);
      }
      JsonNode state = JSON.readTree(files(run).state().toFile());
      assertEquals("finished", state.get("state").asText());
      assertEquals(3, state.get("step").asInt());
    }
    assertFalse(Files.exists(files("without").pictures()));
    Path pictures = files("with").pictures();
    Set<String> names = new HashSet<>();
    for (JsonNode line : lines(pictures.resolve("index.jsonl"))) {
      names.add("%s %s".formatted(line.get("group").asText(), line.get("image").asText()));
      Path file = pictures.resolve(line.get("file").asText());
      assertEquals(64, ImageIO.read(file.toFile()).getWidth());
      JsonNode map = line.at("/places/adversarial").elements().next();
      int places = map.get("rows").asInt() * map.get("columns").asInt();
      assertEquals(places, map.get("logits").size());
      assertTrue(map.at("/logits/0").isNumber(), map::toString);
    }
    assertEquals(12, names.size(), names::toString);
    Cli.done("verify", folder.resolve("with").toString());
  }

  @Test
  void shouldGoOnWhereTheCheckpointIs() throws IOException {
    Cli.done(runs.command("train", "parts"));
    List<JsonNode> before = lines(files("parts").groups());
    List<JsonNode> index = lines(files("parts").pictures().resolve("index.jsonl"));
    Path newest = files("parts").checkpoints().resolve("step-000003");
    try (var all = Files.walk(newest)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
    Cli.done("train", "--resume", folder.resolve("parts").toString());
    List<JsonNode> after = lines(files("parts").groups());
    assertEquals(STEPS, steps(after));
    for (int i = 0; i < before.size(); i++) {
      assertEquals(before.get(i).get("rewards"), after.get(i).get("rewards"));
      assertEquals(before.get(i).get("advantages"), after.get(i).get("advantages"));
    }
    assertEquals(index, lines(files("parts").pictures().resolve("index.jsonl")));
  }
}
