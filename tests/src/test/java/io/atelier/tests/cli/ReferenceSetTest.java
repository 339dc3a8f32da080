package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs on prompts with eight references each, which a JSON file names. */
@Timeout(180)
class ReferenceSetTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path data;

  @TempDir Path folder;

  private static ReferenceSet set;

  @BeforeAll
  static void write() throws IOException {
    set = ReferenceSet.write(data);
  }

  private static List<String> train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.add("data.prompts=" + set.prompts());
    command.add("data.references=" + set.references());
    command.add("critic.own-prompt=1.0");
    command.addAll(List.of(more));
    return command;
  }

  @Test
  void shouldTrainAndMeasureHeldOutPromptsAndGoOn() throws IOException {
    Path run = folder.resolve("run");
    String[] settings = {
      "evaluation.every=1", "evaluation.prompts=4", "evaluation.shown=2", "evaluation.steps=2"
    };
    List<String> command = train(run, settings);
    command.add("run.steps=1");
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), String.join("\n", result.err()));
    assertTrue(result.out().contains("held out, the base:"), result.out());
    assertFalse(Files.readString(run.resolve("atelier.log")).contains("belong to no prompt"));
    JsonNode line = JSON.readTree(Files.readAllLines(run.resolve("evaluations.jsonl")).get(1));
    assertTrue(line.path("kidReference").isNumber(), "" + line);
    Cli.done("train", "--resume", run.toString(), "run.steps=2");
    Path whole = folder.resolve("whole");
    List<String> undisturbed = train(whole, settings);
    undisturbed.add("run.steps=2");
    Cli.done(undisturbed);
    for (String key : List.of("policyHash", "criticHash")) {
      assertEquals(summary(whole).get(key), summary(run).get(key), key);
    }
  }

  @Test
  void shouldMeasureOnAFileOfItsOwn() throws IOException {
    Path held = Files.writeString(folder.resolve("test.txt"), "thing 3\nthing 5\n");
    Path run = folder.resolve("run");
    Cli result =
        Cli.run(
            train(
                run,
                "data.held-out=" + held,
                "run.steps=1",
                "evaluation.every=1",
                "evaluation.prompts=2",
                "evaluation.shown=2",
                "evaluation.steps=2"));
    assertEquals(0, result.code(), String.join("\n", result.err()));
    assertTrue(summary(run).has("heldOut"), "" + summary(run));
    String log = Files.readString(run.resolve("atelier.log"));
    assertTrue(log.contains("2 of 24 prompts of data.prompts are in " + held), log);
    Files.writeString(held, "thing 3\nthing 6\n");
    Cli changed = Cli.run("train", "--resume", run.toString(), "run.steps=2");
    assertEquals(2, changed.code());
    assertTrue(String.join(" ", changed.err()).contains("held-out"), changed.err().toString());
  }

  @Test
  void shouldNoticeAReferenceThatChanged() throws IOException {
    Path run = folder.resolve("run");
    Path copy = folder.resolve("one.png");
    Files.copy(data.resolve("images/00000_0.png"), copy);
    Files.copy(data.resolve("images/00000_1.png"), folder.resolve("two.png"));
    Path set = Files.writeString(folder.resolve("set.json"), "{\"a\": [\"one.png\", \"two.png\"]}");
    Path prompts = Files.writeString(folder.resolve("a.txt"), "a\n");
    List<String> command =
        train(
            run,
            "data.references=" + set,
            "data.prompts=" + prompts,
            "evaluation.every=0",
            "run.steps=1");
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), String.join("\n", result.err()));
    Files.copy(
        data.resolve("images/00002_0.png"),
        Files.createDirectory(folder.resolve("x")).resolve("y"));
    Files.delete(copy);
    Files.move(folder.resolve("x/y"), copy);
    Cli changed = Cli.run("train", "--resume", run.toString(), "run.steps=2");
    assertEquals(2, changed.code());
    assertTrue(String.join(" ", changed.err()).contains("one.png"), changed.err().toString());
  }

  @Test
  void shouldNameWhatIsMissingBeforeARunBegins() throws IOException {
    Path more = Files.writeString(folder.resolve("more.txt"), "thing 1\nthing 2\nanother\n");
    refused("\"another\"", "data.prompts=" + more);
    Path set = Files.writeString(folder.resolve("set.json"), "{\"thing 1\": [\"gone.png\"]}");
    Path one = Files.writeString(folder.resolve("one.txt"), "thing 1\n");
    refused("gone.png", "data.prompts=" + one, "data.references=" + set);
    refused("nowhere.json does not exist", "data.references=" + folder.resolve("nowhere.json"));
    refused("data.held-out is 24", "data.held-out=24");
    refused("data.held-out", "data.held-out=" + folder.resolve("nowhere.txt"));
    Path same =
        Files.writeString(
            folder.resolve("same.jsonl"),
            "{\"prompt\": \"thing 1\", \"n\": 1}\n{\"prompt\": \"thing 1\", \"n\": 2}\n");
    refused(
        "all references to measure on are of one prompt",
        "data.prompts=" + same,
        "evaluation.every=1",
        "evaluation.prompts=2",
        "evaluation.shown=1");
    String words = "word ".repeat(200);
    Path longer = Files.writeString(folder.resolve("long.txt"), words + "\nthing 1\n");
    refused(
        "caption 1 is too long",
        "data.prompts=" + longer,
        "data.references=3d",
        "data.too-long=fail",
        "evaluation.every=0");
  }

  private void refused(String told, String... settings) {
    Path run = folder.resolve("refused");
    Cli result = Cli.run(train(run, settings));
    assertEquals(2, result.code(), String.join("\n", result.err()));
    assertEquals(1, result.err().size(), result.err().toString());
    assertTrue(result.err().get(0).contains(told), result.err().toString());
    assertFalse(Files.exists(run.resolve("config.conf")));
  }

  private static JsonNode summary(Path run) throws IOException {
    return JSON.readTree(run.resolve("summary.json").toFile());
  }
}
