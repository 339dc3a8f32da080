package io.atelier.tests.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import io.atelier.tests.golden.GoldenClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs whose critic starts from a prior. */
@Timeout(240)
class ResidualRunTest {

  private static final String JPEG = "reward.adversarial.residual.prior=jpeg";
  private static final int GROUPS = 2;

  @TempDir Path folder;

  private static List<String> train(Path run, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "run.dir=" + run));
    command.add("model.path=" + TinyPipeline.path());
    command.addAll(TinyPipeline.SHORT);
    command.addAll(List.of("run.steps=2", "data.through-vae=false"));
    command.addAll(List.of(more));
    return command;
  }

  private static String hash(Path run, String key) throws IOException {
    return new ObjectMapper().readTree(new RunFiles(run).summary().toFile()).get(key).asText();
  }

  private static List<JsonNode> steps(Path run) throws IOException {
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(new RunFiles(run).metrics())) {
      steps.add(new ObjectMapper().readTree(line));
    }
    return steps;
  }

  /** The reward worker, the critic and the checkpoint have the prior's scores each its own way. */
  @Test
  void shouldGoOnAsIfItHadNeverStopped() throws IOException {
    Path straight = folder.resolve("straight");
    Path stopped = folder.resolve("stopped");
    Path none = folder.resolve("none");
    String[] keys = {
      JPEG, "reward.adversarial.global-weight=0.5", "reward.adversarial.local-weight=1"
    };
    Cli.done(train(straight, keys));
    Cli.done(train(stopped, JPEG, keys[1], keys[2], "run.steps=1"));
    Cli.done("train", "--resume", stopped.toString(), "run.steps=2");
    Cli.done(train(none));
    for (String key : List.of("policyHash", "criticHash")) {
      assertEquals(hash(straight, key), hash(stopped, key), key);
      assertNotEquals(hash(none, key), hash(straight, key), key);
    }
    List<JsonNode> steps = steps(straight);
    assertEquals(2, steps.size());
    for (JsonNode step : steps) {
      double sum =
          1.5 * step.get("reward/adversarial/prior").asDouble()
              + 0.5 * step.get("reward/adversarial/global").asDouble()
              + step.get("reward/adversarial/local").asDouble();
      assertEquals(sum, step.get("reward/total").asDouble(), 1e-5);
      assertEquals(
          step.get("reward/adversarial/prior").asDouble(),
          step.get("critic/prior-generated").asDouble(),
          1e-5,
          "it was scored once, and travelled to the critic");
      assertFalse(step.has("reward/jpeg"), "it is not in the sum");
    }
    Path out = folder.resolve("lora");
    Cli.done("export-lora", straight.toString(), "--out", out.toString());
    String card = Files.readString(out.resolve("README.md"));
    assertTrue(card.contains("Reward: adversarial with the prior jpeg x 1.0."), card);
  }

  @Test
  void shouldNamePriorAndCriticInThePlan() {
    List<String> plan =
        train(
            folder.resolve("run"),
            JPEG,
            "reward.adversarial.residual.scale=-0.5",
            "reward.adversarial.residual.sees-prior=false",
            "reward.critics.look.weight=0.5",
            "reward.critics.look.residual.scale=2");
    plan.set(0, "plan");
    String planned = Cli.done(plan).out();
    assertTrue(
        planned.contains(
            "the critic of adversarial learns what jpeg, standardised over the references and times -0.5, is wrong about\n"),
        planned);
    assertTrue(
        planned.contains(
            "the critic of look learns what jpeg, standardised over the references and times 2.0, is wrong about\n"),
        planned);
  }

  /** A prior that reads the prompt; its files are a part of what the run is. */
  @Test
  void shouldStartFromACaptionScore() throws IOException {
    Path clip = GoldenClip.write(folder.resolve("clip"), "transformers");
    Path run = folder.resolve("run");
    String model = "reward.clip-score.model=" + clip;
    Cli.done(train(run, "run.steps=1", model, "reward.adversarial.residual.prior=clip-score"));
    assertTrue(steps(run).get(0).has("critic/prior-correlation"));
    assertTrue(Files.readString(new RunFiles(run).identity()).contains("clip-of-clip-score"));
    String log = Files.readString(new RunFiles(run).log());
    assertFalse(log.contains("reward.clip-score is left out"), log);
  }

  /** A server scores references and groups; it is in no sum, and the run ends if it is away. */
  @Test
  void shouldStartFromWhatAServerSays() throws IOException {
    String prior = "reward.adversarial.residual.prior=red";
    Path run = folder.resolve("run");
    String url;
    try (RednessServer server = RednessServer.start()) {
      url = server.setting();
      List<String> command = train(run, url, prior, "reward.http.red.weight=0");
      command.set(0, "plan");
      String planned = Cli.done(command).out();
      assertTrue(planned.contains("red is scored by http://127.0.0.1"), planned);
      command.set(0, "train");
      Cli.done(command);
      assertTrue(server.groups().size() > 2 * GROUPS + 4, "beside groups only " + server.groups());
    }
    String log = Files.readString(new RunFiles(run).log());
    assertFalse(log.contains("reward.http.red.weight is 0"), "it was asked all the same: " + log);
    for (JsonNode step : steps(run)) {
      assertTrue(step.has("critic/prior-reference") && !step.has("reward/red"), "" + step);
    }
    Path away = folder.resolve("away");
    Cli failed =
        Cli.run(train(away, url, prior, "reward.http.red.weight=0", "reward.http.red.patience=0s"));
    String said = String.join("\n", failed.err());
    assertEquals(1, failed.code(), said);
    assertTrue(said.contains("reference ") && said.contains("no score of the prior \"red\""), said);
    assertFalse(said.contains("bug of Atelier"), said);
  }
}
