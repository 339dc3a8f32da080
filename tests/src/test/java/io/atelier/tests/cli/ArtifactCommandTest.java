package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.Pictures;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunIdentity;
import io.atelier.models.assets.EmojiPack;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.models.vision.Images;
import io.atelier.reward.artifact.Damage;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.noise.GroupNoise;
import io.atelier.rollout.noise.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Heads that are trained by the command line, and runs that they guard. */
@Timeout(300)
class ArtifactCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int DRAWINGS = 20;

  @TempDir static Path folder;

  private static Path drawings;
  private static Path head;
  private static Cli trained;

  /** A head on twenty drawings, of which four are only tested. */
  @BeforeAll
  static void train() throws IOException {
    drawings = Files.createDirectories(folder.resolve("drawings"));
    Images images = images();
    for (int i = 0; i < DRAWINGS; i++) {
      Pictures.write(images, i, drawings.resolve(i + ".png"));
    }
    head = folder.resolve("head.safetensors");
    trained =
        Cli.done(artifact(head, "--synthetic", drawings.toString(), "--leave-out", "ghost,jpeg"));
  }

  private static Images images() {
    return EmojiPack.load()
        .images(EmojiStyle.FLAT, IntStream.range(0, DRAWINGS).map(i -> 70 * i).boxed().toList());
  }

  private static List<String> artifact(Path out, String... more) {
    List<String> command = new ArrayList<>(List.of("artifact", "--out", out.toString()));
    command.addAll(
        List.of(
            "--steps",
            "100",
            "--threads",
            "1",
            "data.through-vae=false",
            "reward.artifact.encoder-pixels=64"));
    command.addAll(List.of(more));
    return command;
  }

  /** Cells of the table's row of a kind of damage. */
  private static List<String> row(Cli command, String kind) {
    return command
        .out()
        .lines()
        .filter(line -> line.startsWith(kind + " "))
        .map(line -> Arrays.asList(line.split(" {2,}")))
        .findFirst()
        .orElseThrow(() -> new AssertionError(command.out()));
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
  void shouldShowHowItDoesOnDamageThatItHasSeenAndOther() {
    assertEquals(
        List.of(
            "damage",
            "trained on",
            "pairs",
            "accuracy",
            "if left out",
            "jpeg",
            "sharpness",
            "likelihood",
            "p clean",
            "p damaged"),
        row(trained, "damage"));
    for (Damage kind : Damage.values()) {
      List<String> row = row(trained, kind.key());
      boolean left = kind == Damage.GHOST || kind == Damage.JPEG;
      assertEquals(left ? "no" : "yes", row.get(1));
      assertTrue(Integer.parseInt(row.get(2)) <= 4, "a fifth of twenty, less what is unchanged");
      assertEquals(left, row.get(4).equals("-"), "no head had it");
    }
    assertTrue(Double.parseDouble(row(trained, "noise").get(3)) >= 0.75, trained.out());
    assertEquals("0.000", row(trained, "noise").get(6), "noise is sharper than any drawing");
    assertTrue(trained.out().contains("accuracy on damage that it was trained on: "));
    assertTrue(trained.out().contains("accuracy on damage that it was not trained on: "));
  }

  @Test
  void shouldComeOutTheSameFromTheSameSeed() throws IOException {
    Path again = folder.resolve("again.safetensors");
    String[] same = {"--synthetic", drawings.toString(), "--leave-out", "jpeg,ghost"};
    Cli.done(artifact(again, same));
    assertEquals(-1, Files.mismatch(head, again));
    List<String> other = artifact(folder.resolve("other.safetensors"), same);
    other.addAll(List.of("--seed", "2"));
    Cli.done(other);
    assertTrue(Files.mismatch(head, folder.resolve("other.safetensors")) >= 0);
  }

  /** Ten prompts with two pairs each, of which two prompts are only tested. */
  @Test
  void shouldTrainOnPairsOfFiles() throws IOException {
    Path data = Files.createDirectories(folder.resolve("pairs"));
    Images images = images();
    GroupNoise noise = new GroupNoise(5);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < DRAWINGS; i++) {
      Pictures.write(images, i, data.resolve("clean" + i + ".png"));
      Images damaged =
          Damage.NOISE.damaged(
              images.get(i), noise.stream(Purpose.CRITIC_UPDATE, new GroupId(0, i)));
      Pictures.write(damaged, 0, data.resolve("damaged" + i + ".png"));
      lines.add(
          JSON.writeValueAsString(
              Map.of(
                  "prompt", "thing " + i / 2,
                  "clean", "clean" + i + ".png",
                  "damaged", i == 0 ? "clean0.png" : "damaged" + i + ".png")));
    }
    Path file = Files.write(data.resolve("pairs.jsonl"), lines);
    Path test = Files.write(data.resolve("test.jsonl"), lines.subList(10, 14));
    Cli command =
        Cli.done(
            artifact(
                folder.resolve("pairs.safetensors"),
                "--pairs",
                file.toString(),
                "--test",
                test.toString()));
    List<String> row = row(command, "pairs.jsonl");
    assertEquals("yes", row.get(1));
    assertTrue(List.of("3", "4").contains(row.get(2)), "less one, if it is tested: " + row);
    assertEquals("no", row(command, "test.jsonl").get(1));
    assertEquals("4", row(command, "test.jsonl").get(2));
    assertEquals("1.000", row(command, "test.jsonl").get(3), "most of them it was trained on");
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

  @Test
  void shouldNameWhatIsWrongWithACommand() throws IOException {
    Path pairs = folder.resolve("wrong.jsonl");
    for (String[] wrong :
        new String[][] {
          {"", "", "there is nothing to train on; give --synthetic, --pairs, or both"},
          {"--synthetic 3d --leave-out fog", "", "--leave-out fog is no kind of damage; name some"},
          {"--leave-out blur --pairs " + pairs, "", "--leave-out is of the damage of --synthetic"},
          {
            "--synthetic 3d --leave-out" + " blur,noise,jpeg,duplicated-tiles,shuffled-tiles,ghost",
            "",
            "--leave-out names every kind of damage"
          },
          {"--synthetic 3d run.seed=4", "", "run.seed=4 changes nothing here; artifact takes"},
          {"--synthetic 4d", "", "data.references: unknown emoji style \"4d\""},
          {
            "--synthetic 3d reward.artifact.encoder=mobilenet-v2",
            "",
            "reward.artifact.encoder mobilenet-v2 is the same network as evaluation.encoder"
          },
          {"--synthetic 3d --statistics high", "", "statistics has \"high\", which the encoder"},
          {
            "--pairs " + pairs,
            "{\"prompt\": \"a fox\"}\n",
            "\"a fox\" names no images; write \"clean\""
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"a.png\"}\n",
            "\"fox\": \"clean\": \"a.png\" is no file; names are relative"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\"}\n",
            "\"fox\": \"damaged\" is missing; it should be a text"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"drawings/1.png\","
                + " \"weight\": 2}\n",
            "\"weight\": 2 is a key that is not known here"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"drawings/1.png\"}\n",
            "are of one prompt, and those of others are needed to test on"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"drawings/0.png\"}\n"
                + "{\"prompt\": \"cat\", \"clean\": \"drawings/1.png\", \"damaged\":"
                + " \"drawings/1.png\"}\n",
            "the damaged image of each of 1 pairs is the same as the clean one"
          },
          {
            "--pairs " + pairs,
            "{\"prompt\": \"fox\", \"clean\": \"drawings/0.png\", \"damaged\": \"wrong.jsonl\"}\n"
                + "{\"prompt\": \"cat\", \"clean\": \"drawings/1.png\", \"damaged\":"
                + " \"wrong.jsonl\"}\n",
            "wrong.jsonl cannot be read ("
          },
        }) {
      Files.writeString(pairs, wrong[1]);
      Path out = folder.resolve("none.safetensors");
      List<String> command = artifact(out);
      Arrays.stream(wrong[0].split(" ")).filter(word -> !word.isEmpty()).forEach(command::add);
      Cli refused = Cli.run(command);
      assertEquals(2, refused.code(), wrong[0]);
      assertTrue(refused.err().get(0).contains(wrong[2]), refused.err().get(0));
      assertFalse(Files.exists(out));
    }
    Cli none =
        Cli.run("artifact", "--out", folder + "/n.safetensors", "--synthetic", "3d", "--steps=0");
    assertEquals(2, none.code());
    assertTrue(none.err().get(0).contains("--steps: steps 0 and batch 64 must be at least 1"));
  }
}
