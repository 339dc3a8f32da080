package io.atelier.tests.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.RunVerification;
import io.atelier.actors.run.record.Terminal;
import io.atelier.reward.sum.RewardSum;
import io.atelier.reward.sum.Rewards;
import io.atelier.tests.golden.Golden;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with real networks, a real critic and real files, on the tiny model. */
@Timeout(300)
class WholeRunTest {

  private static final int STEPS = 4;

  @TempDir private static Path shared;
  private static JsonNode once;

  @TempDir private Path folder;

  @BeforeAll
  static void trainOnce() throws IOException {
    TrainConfig config =
        config(shared.resolve("once"), STEPS, "workers.rollout=1", "schedule.mode=sync");
    try (RunHandle run = Atelier.start(config)) {
      run.await();
      once = summary(run.folder());
    }
  }

  @Test
  void shouldGiveTheSameWeightsWhateverTheWorkersAndInterruptions() throws IOException {
    JsonNode crowd =
        summary(
            train("crowd", STEPS, "workers.rollout=3", "workers.reward=2", "workers.gradient=2"));
    Path parts = train("parts", 1, "checkpoint.every=1");
    for (int steps = 2; steps <= STEPS; steps++) {
      try (RunHandle run =
          Atelier.resume(
              parts, List.of("run.steps=" + steps), Optional.empty(), Terminal.silent())) {
        run.await();
      }
    }
    JsonNode resumed = summary(parts);
    for (String key : List.of("policyHash", "criticHash")) {
      assertEquals(once.get(key), crowd.get(key), key + " with three workers");
      assertEquals(once.get(key), resumed.get(key), key + " after three resumes");
    }
    JsonNode other = summary(train("other", STEPS, "run.seed=2"));
    assertNotEquals(once.get("policyHash"), other.get("policyHash"), "policyHash of another seed");
  }

  @Test
  void shouldAgreeBitForBitWhenSyncAndFixedLagWithoutLag() throws IOException {
    JsonNode fixed = summary(train("fixed", STEPS, "schedule.mode=fixed-lag"));
    assertEquals(once.get("policyHash"), fixed.get("policyHash"));
    assertEquals(once.get("criticHash"), fixed.get("criticHash"));
  }

  /** Images are learned from at noise that every worker draws for itself. */
  @Test
  void shouldGiveTheSameWeightsByAwmWhateverTheWorkersAndInterruptions() throws IOException {
    List<String> awm =
        List.of(
            "learner.objective=awm",
            "learner.awm.times=1",
            "learner.awm.kl-weight=0.1",
            "learner.updates-per-step=2",
            "rollout.guidance=1.0");
    List<String> more = new ArrayList<>(awm);
    more.addAll(List.of("workers.rollout=1", "workers.gradient=0"));
    Path alone = train("alone", 2, more.toArray(String[]::new));
    more.addAll(List.of("workers.rollout=2", "workers.gradient=2", "checkpoint.every=1"));
    Path parts = train("parts", 1, more.toArray(String[]::new));
    try (RunHandle run =
        Atelier.resume(parts, List.of("run.steps=2"), Optional.empty(), Terminal.silent())) {
      run.await();
    }
    assertEquals(summary(alone).get("policyHash"), summary(parts).get("policyHash"));
    assertNotEquals(once.get("policyHash"), summary(alone).get("policyHash"));
    for (String line : Files.readAllLines(new RunFiles(alone).metrics())) {
      JsonNode step = new ObjectMapper().readTree(line);
      assertTrue(step.get("policy/ratio-distance-max").asDouble() > 0, "the second update");
      assertTrue(step.get("policy/kl").asDouble() > 0, line);
    }
  }

  @Test
  void shouldTrainOnARewardOfTheCallersOwn() {
    List<Double> means = new ArrayList<>();
    RewardSum dark =
        Rewards.of(
            "dark",
            (images, prompt) -> {
              float[] scores = new float[images.count()];
              for (int i = 0; i < scores.length; i++) {
                for (byte value : images.get(i).rgb()) {
                  scores[i] -= (value & 255) / 255f / images.stride();
                }
              }
              return scores;
            });
    try (RunHandle run = Atelier.start(config("own", STEPS), dark)) {
      run.onStep(step -> means.add(step.metrics().get("reward/dark")));
      run.await();
    }
    assertEquals(STEPS, means.size());
    assertTrue(means.stream().allMatch(mean -> mean < 0 && mean > -1), means.toString());
  }

  @Test
  void shouldSayOnceThatARunDoesNotLearn() throws IOException {
    RewardSum constant = Rewards.of("constant", (images, prompt) -> new float[images.count()]);
    StringWriter screen = new StringWriter();
    Terminal terminal = new Terminal(new PrintWriter(screen, true), false);
    TrainConfig config = config("flat", STEPS, "learner.advantage.weighting=grpo");
    try (RunHandle run = Atelier.start(config, Optional.of(constant), terminal)) {
      run.await();
      List<Integer> flat = new ArrayList<>();
      for (String line : Files.readAllLines(new RunFiles(run.folder()).metrics())) {
        flat.add(new ObjectMapper().readTree(line).get("flat-steps").asInt());
      }
      assertEquals(List.of(1, 2, 3, 4), flat);
    }
    List<String> alarms = screen.toString().lines().filter(l -> l.contains("flat-groups")).toList();
    assertEquals(1, alarms.size(), screen.toString());
    assertTrue(alarms.get(0).startsWith("ALARM flat-groups: in 3 steps in a row all images of"));
  }

  @Test
  void shouldLearnFromGroupsOfOneWhereTheRewardItselfIsTheWeight() throws IOException {
    Path run = train("alone", 2, "rollout.group-size=1", "learner.advantage.weighting=rwr");
    assertTrue(summary(run).get("steps").asInt() == 2);
    assertFalse(Files.readString(new RunFiles(run).metrics()).contains("flat-steps"));
  }

  private Path train(String name, int steps, String... more) {
    try (RunHandle run = Atelier.start(config(name, steps, more))) {
      run.await();
      return run.folder();
    }
  }

  private TrainConfig config(String name, int steps, String... more) {
    return config(folder.resolve(name), steps, more);
  }

  private static TrainConfig config(Path run, int steps, String... more) {
    List<String> keys =
        new ArrayList<>(
            List.of(
                "run.dir=" + run,
                "run.steps=" + steps,
                "run.threads=1",
                "model.path=" + Golden.path("sd35-tiny").toAbsolutePath(),
                "model.adapter.rank=4",
                "rollout.group-size=3",
                "rollout.height=64",
                "rollout.width=64",
                "rollout.steps=3",
                "learner.groups-per-step=2",
                "critic.statistics-images=4",
                "reward.adversarial.hidden=8", // what is small is hashed in no time
                "reward.adversarial.encoder-pixels=64",
                "data.through-vae=false",
                "evaluation.every=0"));
    keys.addAll(List.of(more));
    return TrainConfig.load("dev", keys.toArray(String[]::new));
  }

  private static JsonNode summary(Path run) throws IOException {
    RunFiles files = new RunFiles(run);
    assertEquals(List.of(), RunVerification.of(files).problems(), "verify " + run);
    JsonNode summary = new ObjectMapper().readTree(Files.readAllBytes(files.summary()));
    assertEquals(
        summary.get("groupsAdmitted").asInt(),
        summary.get("groupsTrained").asInt() + summary.get("groupsDropped").asInt());
    return summary;
  }
}
