package io.atelier.tests.ocr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.ocr.TextReader;
import io.atelier.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Whole runs of the embedded model that are rewarded for text. */
@Timeout(240)
class OcrCommandTest {

  @TempDir private Path folder;
  private Path prompts;

  @BeforeEach
  void writePrompts() throws IOException {
    prompts = folder.resolve("prompts.txt");
    Files.writeString(
        prompts,
        """
        a button "NEW"
        a sign "NO WAY"
        "OK" in blue
        the letters "ABC"
        """);
  }

  private List<String> command(String name, String... more) {
    List<String> command = new ArrayList<>(List.of(name, "run.dir=" + folder.resolve("run")));
    command.addAll(
        List.of(
            "data.prompts=" + prompts,
            "data.held-out=0",
            "run.steps=2",
            "run.threads=1",
            "rollout.group-size=2",
            "rollout.steps=4",
            "learner.groups-per-step=2",
            "evaluation.every=0",
            "reward.adversarial.weight=0",
            "reward.ocr.weight=1"));
    command.addAll(List.of(more));
    return command;
  }

  @Test
  void shouldTrainOnTextThatCanBeRead() throws IOException {
    Cli plan = Cli.done(command("plan"));
    assertTrue(plan.out().contains("reward: ocr\n"), plan.out());
    Cli.done(command("train", "reward.jpeg.weight=0.5"));
    List<String> metrics = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
    assertEquals(2, metrics.size());
    for (String line : metrics) {
      JsonNode ocr = new ObjectMapper().readTree(line).get("reward/ocr");
      assertTrue(ocr != null && ocr.asDouble() >= 0 && ocr.asDouble() <= 1, line);
    }
    Cli.done("verify", folder.resolve("run").toString());
    Path lora = folder.resolve("lora");
    Cli.done("export-lora", folder.resolve("run").toString(), "--out", lora.toString());
    String card = Files.readString(lora.resolve("README.md"));
    assertTrue(card.contains("Reward: jpeg x 0.5 + ocr x 1.0."), card);
  }

  @Test
  void shouldGoOnByTheSameNetworksOnly() throws IOException {
    Cli.done(command("train", "run.steps=1"));
    Path run = folder.resolve("run");
    Identity.Part part = RunIdentity.read(new RunFiles(run)).orElseThrow().now().parts().get("ocr");
    assertEquals("PP-OCRv4", part.source());
    assertEquals(TextReader.hashes(), part.files());
    Cli.done("train", "--resume", run.toString(), "run.steps=2");
  }

  @Test
  void shouldNameAPromptThatAsksForNoText() throws IOException {
    Files.writeString(prompts, "a sign \"YES\"\na sign \"\"\na cat\n");
    Cli refused = Cli.run(command("train"));
    assertEquals(2, refused.code());
    assertEquals(
        ("atelier: reward.ocr: 2 of 3 prompts of data.prompts %s name no text to draw, such as"
                + " \"a sign \"\"\"; write it between two double quotes (\"), or set"
                + " reward.ocr.weight=0")
            .formatted(prompts),
        refused.err().get(0));
    assertFalse(Files.exists(folder.resolve("run/config.conf")), "a run was left behind");
  }

  /** A sum would give such prompts other rewards than all others; a graph says what counts. */
  @Test
  void shouldNotApplyToPromptsThatNameNoTextInAGraph() throws IOException {
    Files.writeString(prompts, "a sign \"YES\"\na cat\na dog\n");
    Cli.done(command("train", "reward.graph.sum=[ocr, {leaf=jpeg, name=size}]"));
    int without = 0;
    for (String line : Files.readAllLines(folder.resolve("run/metrics.jsonl"))) {
      JsonNode step = new ObjectMapper().readTree(line);
      JsonNode ocr = step.get("reward/ocr");
      without += ocr == null ? 1 : 0;
      assertTrue(ocr == null || ocr.asDouble() >= 0, line);
      assertTrue(step.get("graph/size").asDouble() < 0, line);
    }
    assertTrue(without < 2, "no step had a prompt with a text");
    Files.writeString(prompts, "a cat\na dog\n");
    assertEquals(2, Cli.run(command("plan", "reward.graph.sum=[ocr, jpeg]")).code());
  }

  @Test
  void shouldWarnOfCharactersThatNobodyReads() throws IOException {
    Files.writeString(prompts, "a sign \"YES\"\na sign \"NO ☃\"\na sign \"Ђ\"\n");
    Logger log = (Logger) LoggerFactory.getLogger("io.atelier.actors.api.assembly.OcrRewards");
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    log.addAppender(logged);
    try {
      Cli.done(command("plan"));
    } finally {
      log.detachAppender(logged);
    }
    assertEquals(
        List.of(
            "reward.ocr: 2 of 3 prompts ask for characters that PP-OCRv4 does not know, and never"
                + " get a score of 1, such as \"a sign \"NO ☃\"\" for ☃; ask for another text"),
        logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
  }
}
