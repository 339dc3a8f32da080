package io.atelier.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs with credit by place, from the configuration to the weights, and their audit. */
@Timeout(300)
class PlaceCreditCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SOURCE = "learner.credit.places.source=";
  private static final String ALPHA = "learner.credit.places.alpha=";

  @TempDir Path folder;
  private TinyRuns runs;

  @BeforeEach
  void name() {
    runs = new TinyRuns(folder);
  }

  @Test
  void shouldTrainBySourceAndAsWithoutWhereNothingIsMoved() throws IOException {
    Cli.done(runs.command("train", "none"));
    Set<String> hashes = new HashSet<>(List.of(runs.policyHash("none")));
    for (String source : List.of("contrast", "contrast-raw", "critic")) {
      Cli.done(runs.command("train", source, SOURCE + source));
      assertTrue(hashes.add(runs.policyHash(source)), source + " trained as another source");
    }
    Cli.done(runs.command("train", "nothing", SOURCE + "critic", ALPHA + "0"));
    assertEquals(runs.policyHash("none"), runs.policyHash("nothing"));
    assertTrue(
        Cli.done(runs.command("plan", "plan", SOURCE + "contrast-raw"))
            .out()
            .contains(
                "credit      by place, told by contrast-raw: each of the 16 places of an image gets at most 0.5"));
    assertTrue(runs.lastLine("critic").findValue("credit/place-flipped").isNumber());
    assertFalse(runs.lastLine("none").toString().contains("credit/"));
    assertFalse(runs.lastLine("critic").toString().contains("reward/adversarial/place"));
    Cli.done("verify", folder.resolve("critic").toString());
  }

  @Test
  void shouldGoOnAsIfItHadNotStoppedWhoeverComputes() throws IOException {
    Cli.done(runs.command("train", "whole", SOURCE + "critic"));
    List<String> stopped = runs.command("train", "parts", SOURCE + "critic");
    stopped.addAll(
        List.of("run.steps=1", "workers.rollout=2", "workers.reward=2", "workers.gradient=1"));
    Cli.done(stopped);
    Cli.done("train", "--resume", folder.resolve("parts").toString(), "run.steps=3");
    assertEquals(runs.policyHash("whole"), runs.policyHash("parts"));
  }

  @Test
  void shouldAuditTheCriticOfARunThatDidNotLearnByPlaces() throws IOException {
    Cli.done(runs.command("train", "run", "run.steps=1"));
    String run = folder.resolve("run").toString();
    JsonNode figures =
        JSON.readTree(Cli.done("audit-places", run, "--images=5", "--threads=1", "--json").out());
    assertEquals(5, figures.get("images").asInt());
    for (String name : List.of("damaged", "auroc", "undamaged", "change", "auroc/low")) {
      double value = figures.get(name).asDouble(-1);
      assertTrue(value >= 0 && value <= 1, figures.toString());
    }
    assertTrue(figures.get("damaged").asDouble() <= 0.25, figures.toString());
    Cli none = Cli.run("audit-places", run, "--images=0");
    assertEquals(2, none.code());
    assertTrue(none.err().get(0).contains("--images 0 must be 1 to"), none.err().get(0));
    Cli.done(
        runs.command(
            "train", "jpeg", "run.steps=1", "reward.adversarial.weight=0", "reward.jpeg.weight=1"));
    Cli plain = Cli.run("audit-places", folder.resolve("jpeg").toString(), "--threads=1");
    assertEquals(2, plain.code());
    assertTrue(plain.err().get(0).contains("no reward judges places"), plain.err().get(0));
  }

  private void refuse(String why, String... more) {
    Cli plan = Cli.run(runs.command("plan", "refused", more));
    assertEquals(2, plan.code(), why);
    assertTrue(plan.err().get(0).contains(why), plan.err().get(0));
  }

  @Test
  void shouldRefuseWhatCannotBeCredited() {
    refuse(ALPHA.substring(0, ALPHA.length() - 1), SOURCE + "critic", ALPHA + "-1");
    refuse("rollout.guidance is 1", SOURCE + "contrast", "rollout.guidance=1");
    refuse("updates-per-step is 2", SOURCE + "critic", "learner.updates-per-step=2");
    refuse("objective is awm", SOURCE + "contrast", "learner.objective=awm", "learner.awm.times=1");
    refuse("set learner.staleness=none", SOURCE + "contrast", "learner.staleness=decoupled");
    refuse(
        "set learner.guard=false", SOURCE + "critic", "learner.guard=true", "rollout.kernel=sde");
    refuse(
        "schedule.policy-lag is 1",
        SOURCE + "critic",
        "schedule.mode=fixed-lag",
        "schedule.policy-lag=1");
    refuse(
        "learner.credit.places.source is critic, but no reward judges places",
        SOURCE + "critic",
        "reward.adversarial.maps=[]",
        "reward.adversarial.local-weight=0");
    refuse("2 x 8 cells are fewer than the 4 x 4 places", SOURCE + "contrast", "rollout.height=16");
  }
}
