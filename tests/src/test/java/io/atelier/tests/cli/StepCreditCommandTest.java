package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs with credit by step, from the configuration to the weights. */
@Timeout(300)
class StepCreditCommandTest {

  private static final String MODE = "learner.credit.steps.mode=";

  @TempDir Path folder;
  private TinyRuns runs;

  @BeforeEach
  void name() {
    runs = new TinyRuns(folder);
  }

  @Test
  void shouldTrainInEveryModeAndAsWithoutWhereNothingIsRedistributed() throws IOException {
    Cli.done(runs.command("train", "none"));
    Set<String> hashes = new HashSet<>(List.of(runs.policyHash("none")));
    for (String mode : List.of("to-go", "redistribute", "gain")) {
      Cli.done(runs.command("train", mode, MODE + mode));
      assertTrue(hashes.add(runs.policyHash(mode)), mode + " trained as another mode");
      JsonNode line = runs.lastLine(mode);
      assertTrue(line.findValue("credit/gain-variance-2").asDouble() > 0, line.toString());
      assertTrue(line.findValue("credit/flipped").isNumber(), line.toString());
    }
    Cli.done(
        runs.command("train", "nothing", MODE + "redistribute", "learner.credit.steps.alpha=0"));
    assertEquals(runs.policyHash("none"), runs.policyHash("nothing"));
    assertEquals(0, runs.lastLine("nothing").findValue("credit/flipped").asDouble());
    assertFalse(runs.lastLine("none").toString().contains("credit/"));
  }

  @Test
  void shouldGoOnAsIfItHadNotStoppedWhoeverComputes() throws IOException {
    String[] three = {
      MODE + "gain",
      "rollout.steps=5",
      "rollout.trained-steps=3",
      "rollout.trained-to=3",
      "rollout.shared-start=false"
    };
    Cli.done(runs.command("train", "whole", three));
    List<String> stopped = runs.command("train", "parts", three);
    stopped.addAll(
        List.of("run.steps=1", "workers.rollout=2", "workers.reward=2", "workers.gradient=1"));
    Cli.done(stopped);
    Cli.done("train", "--resume", folder.resolve("parts").toString(), "run.steps=3");
    assertEquals(runs.policyHash("whole"), runs.policyHash("parts"));
    assertTrue(runs.lastLine("whole").toString().contains("credit/correlation-3"));
    Cli.done("verify", folder.resolve("parts").toString());
    Cli other = Cli.run("train", "--resume", folder.resolve("parts").toString(), MODE + "to-go");
    assertEquals(2, other.code());
    assertTrue(
        other.err().get(0).contains("learner.credit.steps.mode cannot change"), other.err().get(0));
  }

  @Test
  void shouldRefuseWhatCannotBeCredited() {
    refuse("learner.credit.steps.alpha", MODE + "redistribute", "learner.credit.steps.alpha=-1");
    refuse(
        "weighting is rwr, but credit by step needs grpo",
        MODE + "to-go",
        "learner.advantage.weighting=rwr");
    refuse(
        "learner.credit.steps.mode is to-go, and rollout.trained-steps is 1",
        MODE + "to-go",
        "rollout.trained-steps=1");
    refuse("spread is previous-batch", MODE + "gain", "learner.advantage.spread=previous-batch");
    refuse(
        "learner.credit.steps.mode: graph normalises",
        MODE + "to-go",
        "reward.graph={sum=[{normalise=jpeg, over=step}, adversarial]}");
    refuse(
        "learner.credit.steps.mode: graph normalises",
        MODE + "to-go",
        "reward.graph={sum=[{normalise=jpeg, over=running, momentum=0.9}, adversarial]}");
    refuse("flat-groups is drop", MODE + "to-go", "learner.flat-groups=drop");
    refuse(
        "objective is awm, which trains no denoising steps",
        MODE + "to-go",
        "learner.objective=awm",
        "learner.awm.times=1");
  }

  private void refuse(String why, String... keys) {
    Cli refused = Cli.run(runs.command("plan", "refused", keys));
    assertEquals(2, refused.code(), String.join("\n", refused.err()));
    assertTrue(refused.err().get(0).contains(why), refused.err().get(0));
  }
}
