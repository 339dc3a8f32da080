package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that measure the policy in place of the leader. */
@Timeout(300)
@EnabledIfSystemProperty(named = "atelier.long", matches = "true", disabledReason = "long")
class EvaluatorNodeTest {

  private static final String[] SETTINGS = {
    "run.steps=12",
    "evaluation.every=3",
    "evaluation.prompts=4",
    "evaluation.steps=4",
    "evaluation.shown=4"
  };

  @TempDir Path folder;

  /** What was measured, without how long it took, by step. */
  private static SortedMap<Integer, JsonNode> evaluations(Path run) throws IOException {
    SortedMap<Integer, JsonNode> evaluations = new TreeMap<>();
    Path file = new RunFiles(run).evaluations();
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      ObjectNode evaluation = (ObjectNode) new ObjectMapper().readTree(line);
      evaluation.remove("seconds");
      JsonNode twice = evaluations.put(evaluation.get("step").asInt(), evaluation);
      assertEquals(null, twice);
    }
    return evaluations;
  }

  /** Each that is due was made, or the run said by name that it is not; returns what was made. */
  private static SortedMap<Integer, JsonNode> assertMadeOrSkipped(Path run) throws IOException {
    SortedMap<Integer, JsonNode> made = evaluations(run);
    String log = Files.readString(new RunFiles(run).log());
    assertTrue(made.keySet().containsAll(Set.of(0, 12)), made::toString);
    assertTrue(Set.of(0, 3, 6, 9, 12).containsAll(made.keySet()), made::toString);
    for (int step : new int[] {3, 6, 9}) {
      String skipped = "the evaluation at step %d is skipped: ".formatted(step);
      assertTrue(
          made.containsKey(step) != log.contains(skipped),
          () -> "step %d is made and skipped, or neither, in %s".formatted(step, run));
    }
    return made;
  }

  private static Stream<JsonNode> helpers(JsonNode status) {
    return StreamSupport.stream(status.get("run").get("helpers").spliterator(), false);
  }

  private static Optional<JsonNode> atWork(JsonNode status) {
    return helpers(status).filter(h -> step(h) >= 0).findFirst();
  }

  /** The step that a helper evaluates; -1 if none. */
  private static int step(JsonNode helper) {
    String does = helper.get("does").asText();
    return does.startsWith("evaluates step ") ? Integer.parseInt(does.substring(15)) : -1;
  }

  @Test
  void shouldEvaluateAgainWhenTheEvaluatorIsKilled() throws Exception {
    QuietRun quiet = QuietRun.of(folder.resolve("quiet"), SETTINGS);
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "evaluator", "evaluator");
    try (LocalCluster cluster =
        new LocalCluster(roles, QuietRun.settings(run, SETTINGS), folder).start()) {
      Admin leader = new Admin(cluster.node(0).admin());
      JsonNode victim = stopInMidEvaluation(leader, cluster, run);
      int step = step(victim);
      NodeProcess process = at(victim, cluster);
      process.kill();
      assertFalse(evaluations(run).containsKey(step), "it was done before the kill");
      var down = leader.send("POST", "/down?node=" + process.address());
      assertEquals(200, down.statusCode(), down::body);
      JsonNode status =
          leader.awaitStatus(
              "the evaluation of step " + step + " again, by another",
              s ->
                  helpers(s).noneMatch(h -> h.get("node").equals(victim.get("node")))
                      && helpers(s).anyMatch(h -> h.get("done").asLong() > 0 || step(h) == step));
      assertTrue(
          helpers(status).noneMatch(h -> h.get("node").equals(status.get("node"))),
          () -> "the leader should not evaluate: " + status);
      Cli table = Cli.run("status", "--admin", cluster.node(0).admin());
      assertTrue(table.out().contains("evaluator "), table.out());
      process.start();
      for (NodeProcess node : cluster.nodes()) {
        cluster.awaitEnd(node);
      }
      quiet.assertSame(run, cluster);
      SortedMap<Integer, JsonNode> expected = assertMadeOrSkipped(folder.resolve("quiet"));
      SortedMap<Integer, JsonNode> made = assertMadeOrSkipped(run);
      assertTrue(made.containsKey(step), "it was not made again");
      made.forEach(
          (at, evaluation) ->
              assertEquals(expected.getOrDefault(at, evaluation), evaluation, "step " + at));
    }
  }

  private static NodeProcess at(JsonNode helper, LocalCluster cluster) throws Exception {
    for (NodeProcess node : cluster.nodes()) {
      if (node.address().equals(helper.get("node").asText())) {
        return node;
      }
    }
    throw new AssertionError("nobody is at " + helper);
  }

  /** Lets an evaluator stand still while it evaluates; goes on to the next one that was faster. */
  private static JsonNode stopInMidEvaluation(Admin leader, LocalCluster cluster, Path run)
      throws Exception {
    while (true) {
      JsonNode status = leader.awaitStatus("an evaluation", s -> atWork(s).isPresent());
      JsonNode helper = atWork(status).orElseThrow();
      NodeProcess process = at(helper, cluster);
      process.signal("STOP");
      // what it had sent before is on the way to be written
      JsonNode later = leader.status();
      boolean still =
          helpers(later)
              .anyMatch(h -> h.get("node").equals(helper.get("node")) && step(h) == step(helper));
      if (still && !evaluations(run).containsKey(step(helper))) {
        return helper;
      }
      process.signal("CONT");
    }
  }
}
