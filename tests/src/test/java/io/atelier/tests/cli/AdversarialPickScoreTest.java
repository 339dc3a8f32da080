package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.api.plan.VersionSize;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.reward.adversarial.PickScoreSpec;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole runs that train the last layers of a CLIP, one image of the embedded pack for each prompt.
 * Which side scores higher by a random CLIP is chance; with a steep optimizer both come about.
 */
@Timeout(180)
class AdversarialPickScoreTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STEPS = 6;

  @TempDir Path folder;
  private Path clip;

  @BeforeEach
  void write() throws IOException {
    clip = GoldenClip.write(folder.resolve("clip"), "open_clip");
  }

  private List<String> train(String run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + folder.resolve(run)));
    command.addAll(TinyPipeline.SHORT);
    command.add("model.path=" + TinyPipeline.path());
    command.add("data.through-vae=false");
    command.add("reward.adversarial.kind=pickscore");
    command.add("reward.adversarial.encoder=" + clip);
    command.add("critic.learning-rate=1e-4");
    command.add("critic.head-steps=1000");
    command.addAll(List.of(more));
    return command;
  }

  private static void assertEnds(Cli result) {
    assertEquals(0, result.code(), String.join("\n", result.err()));
  }

  private JsonNode summary(String run) throws IOException {
    return JSON.readTree(folder.resolve(run + "/summary.json").toFile());
  }

  private List<JsonNode> metrics(String run) throws IOException {
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(run + "/metrics.jsonl"))) {
      steps.add(JSON.readTree(line));
    }
    return steps;
  }

  @Test
  void shouldEndWithTheSameBitsWhenStoppedAndResumed() throws IOException {
    assertEnds(Cli.run(train("straight", "run.steps=" + STEPS, "workers.reward=2")));
    List<JsonNode> steps = metrics("straight");
    assertEquals(STEPS, steps.size());
    double learned = 0;
    for (JsonNode step : steps) {
      double reference = step.get("critic/reward-reference").asDouble();
      double generated = step.get("critic/reward-generated").asDouble();
      assertEquals(generated > reference ? 1 : 0, step.get("critic/trained").asDouble(), "" + step);
      learned += step.get("critic/trained").asDouble();
    }
    assertTrue(learned > 0 && learned < STEPS, "it learned in %s steps".formatted(learned));
    assertEnds(Cli.run(train("stopped", "run.steps=2")));
    assertNotEquals(summary("straight").get("criticHash"), summary("stopped").get("criticHash"));
    String stopped = folder.resolve("stopped").toString();
    assertEnds(Cli.run("train", "--resume", stopped, "run.steps=" + STEPS));
    for (String hash : List.of("policyHash", "criticHash")) {
      assertEquals(summary("straight").get(hash), summary("stopped").get(hash), hash);
    }
    assertEnds(Cli.run("verify", stopped));
  }

  /** The discriminator learns in every second step, another one in all of them. */
  @Test
  void shouldLearnBesideDiscriminatorsWithTheSameBitsWhenResumed() throws IOException {
    String[] beside = {
      "workers.reward=2",
      "reward.critics.look.kind=discriminator",
      "reward.critics.look.encoder=efficientnet-lite0",
      "reward.critics.look.critic.every=2",
      "reward.critics.look.critic.head-steps=2",
      "reward.critics.look.critic.learning-rate=1e-3",
      "reward.critics.low.kind=discriminator",
      "reward.critics.low.encoder=efficientnet-lite0",
      "reward.critics.low.vectors=[]",
      "reward.critics.low.statistics=[low]",
      "reward.critics.low.maps=[low]",
      "reward.critics.low.critic.head-steps=1"
    };
    List<String> keys = new ArrayList<>(List.of(beside));
    keys.add("run.steps=4");
    assertEnds(Cli.run(train("straight", keys.toArray(String[]::new))));
    for (JsonNode step : metrics("straight")) {
      boolean due = step.get("step").asInt() % 2 == 1; // the first step is called 1
      assertEquals(due ? 2 : 0, step.get("critic/look/head-steps").asDouble(), "" + step);
      assertEquals(1, step.get("critic/low/head-steps").asDouble(), "" + step);
      assertEquals(
          step.get("reward/total").asDouble(),
          step.get("reward/adversarial").asDouble()
              + step.get("reward/look").asDouble()
              + step.get("reward/low").asDouble(),
          1e-5,
          "" + step);
    }
    keys.set(keys.size() - 1, "run.steps=1");
    assertEnds(Cli.run(train("stopped", keys.toArray(String[]::new))));
    String stopped = folder.resolve("stopped").toString();
    assertEnds(Cli.run("train", "--resume", stopped, "run.steps=4"));
    for (String hash : List.of("policyHash", "criticHash")) {
      assertEquals(summary("straight").get(hash), summary("stopped").get(hash), hash);
    }
    assertEnds(Cli.run("verify", stopped));
  }

  @Test
  void shouldRefuseALossThatItCannotLearnBy() {
    Cli refused = Cli.run(train("run", "critic.loss=hinge"));
    assertEquals(2, refused.code());
    String said = String.join("\n", refused.err());
    assertTrue(said.contains("critic.loss is hinge") && said.contains("cross-entropy"), said);
  }

  @Test
  void shouldNotGoOnWithAnotherClip() throws IOException {
    assertEnds(Cli.run(train("run", "run.steps=1")));
    String run = folder.resolve("run").toString();
    Path tokenizer = clip.resolve("tokenizer/tokenizer_config.json");
    String own = Files.readString(tokenizer);
    Files.writeString(tokenizer, own + "\n");
    Cli resumed = Cli.run("train", "--resume", run, "run.steps=2");
    assertNotEquals(0, resumed.code());
    assertTrue(
        resumed.err().get(0).contains("clip-of-adversarial: "), String.join("\n", resumed.err()));
    assertNotEquals(0, Cli.run("verify", run).code());
    Files.writeString(tokenizer, own);
    assertEnds(Cli.run("verify", run));
    Path weights = clip.resolve("open_clip_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 4] ^= 1;
    Files.write(weights, bytes);
    resumed = Cli.run("train", "--resume", run, "run.steps=2");
    assertTrue(
        resumed.err().get(0).contains("clip-of-adversarial: "), String.join("\n", resumed.err()));
  }

  /** The dev preset sets what a discriminator alone reads. */
  @Test
  void shouldSayWhichSettingsItDoesNotRead() throws IOException {
    assertEnds(Cli.run(train("run", "run.steps=1")));
    String log = Files.readString(new RunFiles(folder.resolve("run")).log());
    assertTrue(
        log.contains(
            "reward.adversarial.kind is pickscore: these settings change nothing: "
                + "reward.adversarial.encoder-pixels (set by the command line)"),
        log);
    assertFalse(log.contains("critic.wrong-prompt (set by preset dev"), log);
    String told = "reward.adversarial.kind is pickscore: these settings change nothing";
    assertEnds(Cli.run("train", "--resume", folder.resolve("run").toString(), "run.steps=2"));
    String all = Files.readString(new RunFiles(folder.resolve("run")).log());
    assertEquals(all.indexOf(told), all.lastIndexOf(told), "it is said again where it goes on");
    Cli plan = Cli.run(train("other").stream().map(w -> w.equals("train") ? "plan" : w).toList());
    assertEnds(plan);
    assertTrue(plan.out().contains("PickScore, whose last layers learn"), plan.out());
    assertTrue(
        plan.out().matches("(?s).* worker\\(s\\); [0-9.]+ MiB of critic weights.*"), plan.out());
  }

  /** A version of the critic, and what a learner has of it, is in the heap as the policy is. */
  @Test
  void shouldCountTheCriticInTheHeapOfANode() {
    String[] keys = train("run", "workers.reward=2").stream().skip(1).toArray(String[]::new);
    TrainConfig config = TrainConfig.load("dev", keys);
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    PickScoreSpec spec = (PickScoreSpec) compute.reward().taught().get(0).spec();
    long policy = VersionSize.kept(config, compute, false, false);
    long version = spec.versionBytes();
    assertEquals(
        policy + 2 * spec.scorerBytes() + version, VersionSize.kept(config, compute, false, true));
    int references = compute.data().references().images().count();
    assertEquals(
        spec.criticBytes(references) + 2 * spec.scorerBytes() + 3 * version,
        VersionSize.kept(config, compute, true, true) - 8 * policy / 3);
  }

  @Test
  void shouldRefuseACriticThatNodesCannotSend() {
    String[] keys = train("run", "model.adapter.rank=1").stream().skip(1).toArray(String[]::new);
    TrainConfig config = TrainConfig.load("dev", keys);
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    PickScoreSpec spec = (PickScoreSpec) compute.reward().taught().get(0).spec();
    long bytes = spec.versionBytes() + spec.versionBytes() / 100;
    TrainConfig room = config.with("transport.max-version-bytes=" + bytes);
    assertDoesNotThrow(() -> VersionSize.requireSendable(room, compute));
    TrainConfig less = config.with("transport.max-version-bytes=" + (bytes - 1));
    String told =
        assertThrows(InvalidConfigException.class, () -> VersionSize.requireSendable(less, compute))
            .getMessage();
    assertTrue(
        told.startsWith("reward.adversarial.trained-layers: a version of the critic has"), told);
    TrainConfig two = less.with("reward.critics.pick.trained-layers=1");
    ComputeFactory both = Assembly.factory(two, Optional.empty(), false);
    told =
        assertThrows(InvalidConfigException.class, () -> VersionSize.requireSendable(two, both))
            .getMessage();
    String keysOfBoth = "reward.adversarial.trained-layers, reward.critics.pick.trained-layers: ";
    assertTrue(told.startsWith(keysOfBoth + "a version of the critic has"), told);
  }
}
