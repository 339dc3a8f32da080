package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that a head guards. */
@Timeout(300)
class ArtifactRunTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static Path drawings;
  private static Path head;

  @BeforeAll
  static void train() throws IOException {
    drawings = ArtifactHeads.drawings(folder);
    head = folder.resolve("head.safetensors");
    String most = String.join(",", ArtifactHeads.most());
    Cli.done(ArtifactHeads.command(head, "--synthetic", drawings.toString(), "--leave-out", most));
  }

  private static List<String> run(String name, String run, String... more) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(TinyPipeline.SHORT);
    command.add("model.path=" + TinyPipeline.path());
    command.add("run.dir=" + folder.resolve(run));
    command.add("reward.artifact.encoder-pixels=64");
    command.add("reward.artifact.head=" + head);
    command.addAll(List.of(more));
    return command;
  }

  @Test
  void shouldGuardARun() throws IOException {
    String[] keys = {"reward.artifact.weight=0.5", "reward.artifact.threshold=0.9"};
    Cli plan = Cli.done(run("plan", "none", keys));
    assertTrue(plan.out().contains("reward: adversarial + artifact\n"), plan.out());
    assertTrue(
        plan.out()
            .contains(
                "needs       artifact: the encoder efficientnet-lite0, embedded, the head " + head),
        plan.out());
    Cli.done(run("train", "guarded", keys));
    Path guarded = folder.resolve("guarded");
    for (String line : Files.readAllLines(guarded.resolve("metrics.jsonl"))) {
      JsonNode step = JSON.readTree(line);
      double clean = step.get("reward/artifact/p").asDouble();
      assertTrue(clean >= 0 && clean <= 1, line);
      double guard = step.get("reward/artifact").asDouble();
      assertTrue(guard <= 0 && guard >= -2 * 0.9, line);
      assertTrue(guard <= -2 * (0.9 - clean) + 1e-6, "the mean of what is cut at 0: " + line);
      assertEquals(
          step.get("reward/adversarial").asDouble() + 0.5 * guard,
          step.get("reward/total").asDouble(),
          1e-5);
    }
    Map<String, ?> parts = RunIdentity.read(new RunFiles(guarded)).orElseThrow().now().parts();
    assertTrue(parts.containsKey("artifact-encoder"), "" + parts);
    assertTrue(parts.containsKey("head-of-artifact"), "" + parts);
    Cli.done("train", "--resume", guarded.toString(), "run.steps=4");
    Cli.done("verify", guarded.toString());
    Path card = folder.resolve("card");
    Cli.done("export-lora", guarded.toString(), "--out", card.toString());
    String text = Files.readString(card.resolve("README.md"));
    assertTrue(text.contains("Reward: adversarial x 1.0 + artifact x 0.5."), text);
  }

  /** A head, such as one of what people prefer, is what the critic starts from. */
  @Test
  void shouldBeThePriorOfACritic() throws IOException {
    String[] keys = {
      "reward.adversarial.residual.prior=artifact",
      "reward.artifact.mode=add",
      "run.steps=1",
      "data.through-vae=false"
    };
    Cli.done(run("train", "prior", keys));
    JsonNode step = JSON.readTree(Files.readAllLines(folder.resolve("prior/metrics.jsonl")).get(0));
    assertEquals(
        step.get("reward/adversarial/prior").asDouble(),
        step.get("critic/prior-generated").asDouble(),
        1e-5);
    assertFalse(step.has("reward/artifact"), "it is not in the sum");
    Map<String, ?> parts =
        RunIdentity.read(new RunFiles(folder.resolve("prior"))).orElseThrow().now().parts();
    assertTrue(parts.containsKey("head-of-artifact"), "" + parts);
    List<String> none = run("train", "headless", keys);
    none.removeIf(key -> key.startsWith("reward.artifact.head="));
    String told = String.join("\n", Cli.run(none).err());
    assertTrue(
        told.contains("reward.artifact.head is empty, must name a file that ./atelier artifact"),
        told);
    assertTrue(told.contains("since adversarial.residual.prior names it"), told);
  }

  /** -2 max(0, 0.5 - p) = 2 min(p, 0.5) - 1: the same advantages. */
  @Test
  void shouldBeTheSameGateInAGraph() throws IOException {
    Cli.done(run("train", "sum", "reward.adversarial.weight=0", "reward.artifact.weight=1"));
    Cli.done(
        run(
            "train",
            "graph",
            "reward.artifact.mode=add",
            "reward.graph={clip=artifact, from=0, to=0.5, weight=2}"));
    List<String> sum = Files.readAllLines(folder.resolve("sum/metrics.jsonl"));
    List<String> graph = Files.readAllLines(folder.resolve("graph/metrics.jsonl"));
    assertEquals(3, sum.size());
    for (int i = 0; i < sum.size(); i++) {
      double gate = JSON.readTree(sum.get(i)).get("reward/total").asDouble();
      double clipped = JSON.readTree(graph.get(i)).get("reward/total").asDouble();
      assertEquals(clipped - 1, gate, 1e-4, sum.get(i) + graph.get(i));
    }
  }

  @Test
  void shouldRefuseAHeadThatDoesNotFit() {
    for (String[] wrong :
        new String[][] {
          {
            "reward.artifact.weight=1 reward.artifact.encoder-pixels=128",
            "was trained on efficientnet-lite0-"
          },
          {
            "reward.artifact.weight=1 reward.artifact.head=",
            "reward.artifact.head is empty, must name a file that ./atelier artifact has written"
          },
          {
            "reward.graph.sum=[adversarial,artifact] reward.artifact.head=",
            "artifact.head is empty, must name a file that ./atelier artifact has written, since"
                + " reward.graph names it"
          },
          {
            "reward.artifact.weight=1 reward.artifact.head=" + drawings.resolve("0.png"),
            "reward.artifact.head: "
          },
          {
            "reward.artifact.weight=1 evaluation.every=1 evaluation.encoder=efficientnet-lite0"
                + " evaluation.encoder-pixels=64 reward.adversarial.weight=0",
            "reward.artifact.encoder efficientnet-lite0 is the same network as evaluation.encoder"
          },
          {
            "reward.artifact.weight=1 reward.artifact.threshold=0",
            "reward.artifact.threshold is 0.0, must be above 0 and at most 1"
          },
          {"reward.artifact.mode=both", "reward.artifact.mode = \"both\" must be one of gate, add"},
        }) {
      Cli refused = Cli.run(run("plan", "none", wrong[0].split(" ")));
      assertEquals(2, refused.code(), wrong[0]);
      assertTrue(refused.err().get(0).contains(wrong[1]), refused.err().get(0));
    }
  }

  @Test
  void shouldNameKeysThatChangeNothing() throws IOException {
    Cli.done(run("train", "unread", "run.steps=1"));
    String log = Files.readString(folder.resolve("unread/atelier.log"));
    assertTrue(
        log.contains("reward.artifact.weight is 0, which leaves it out: these settings change"),
        log);
    Cli.done(
        run(
            "train",
            "added",
            "run.steps=1",
            "reward.artifact.weight=1",
            "reward.artifact.mode=add",
            "reward.artifact.strength=3"));
    log = Files.readString(folder.resolve("added/atelier.log"));
    assertTrue(
        log.contains(
            "reward.artifact.mode is add: these settings change nothing: reward.artifact.strength"),
        log);
  }
}
