package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunVerification;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs over several processes on this machine: quiet ones, and ones in which processes are killed.
 */
@Timeout(7200)
class ClusterRunTest {

  /** The long form: -Datelier.chaos.hits=100 -Datelier.chaos.steps=1000. */
  private static final int STEPS = Integer.getInteger("atelier.chaos.steps", 30);

  private static final Pattern SHARE = Pattern.compile("\"learner/remote-share\":([0-9.]+)");

  @TempDir static Path shared;
  private static JsonNode quiet;

  @TempDir Path folder;

  @BeforeAll
  static void runInOneProcess() throws IOException {
    Path run = shared.resolve("quiet");
    List<String> command = new ArrayList<>(List.of("train"));
    command.addAll(settings(run));
    Cli result = Cli.run(command);
    assertEquals(0, result.code(), String.join("\n", result.err()));
    quiet = summary(run);
  }

  private static List<String> settings(Path run) {
    List<String> settings = new ArrayList<>(List.of("run.dir=" + run));
    settings.add("model.path=" + TinyPipeline.path());
    settings.addAll(TinyPipeline.SHORT);
    settings.add("run.steps=" + STEPS);
    settings.add("schedule.mode=fixed-lag");
    settings.add("schedule.policy-lag=1");
    settings.add("schedule.critic-lag=1");
    settings.add("data.through-vae=false");
    settings.add("workers.rollout=1");
    settings.add("workers.reward=1");
    return settings;
  }

  private static JsonNode summary(Path run) throws IOException {
    return new ObjectMapper().readTree(new RunFiles(run).summary().toFile());
  }

  private static void assertSameAsInOneProcess(Path run, LocalCluster cluster) throws IOException {
    assertEquals(List.of(), RunVerification.of(new RunFiles(run)).problems(), cluster::output);
    JsonNode summary = summary(run);
    for (String key : List.of("steps", "policyHash", "criticHash", "groupsTrained")) {
      assertEquals(quiet.get(key), summary.get(key), key);
    }
  }

  @Test
  void shouldGiveTheSameWeightsWithGradientWorkersOneOfWhichIsKilled() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "gradient", "gradient");
    try (LocalCluster cluster = new LocalCluster(roles, settings(run), folder).start()) {
      NodeProcess victim = cluster.node(2);
      Chaos.await(() -> helpers(cluster.node(0)) == 2, 120, cluster::output);
      double helped = remoteShares(run);
      Chaos.await(() -> remoteShares(run) > helped, 120, cluster::output);
      victim.kill();
      assertFalse(Files.exists(new RunFiles(run).summary()), "the run should not be over yet");
      double before = remoteShares(run);
      for (NodeProcess node : List.of(cluster.node(0), cluster.node(1), cluster.node(3))) {
        assertEquals(0, node.await(120), cluster::output);
      }
      assertSameAsInOneProcess(run, cluster);
      assertTrue(remoteShares(run) > before, "the other worker should have gone on");
    }
  }

  /** Gradient workers that the learner of this node knew so far. */
  private static long helpers(NodeProcess leader) {
    return leader.output().lines().filter(l -> l.endsWith(" computes micro-batches")).count();
  }

  /** Sum over all steps so far of the share of micro-batches that gradient workers computed. */
  private static double remoteShares(Path run) {
    Path metrics = new RunFiles(run).metrics();
    if (!Files.exists(metrics)) {
      return 0;
    }
    try {
      return SHARE
          .matcher(Files.readString(metrics))
          .results()
          .mapToDouble(found -> Double.parseDouble(found.group(1)))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldGiveTheSameWeightsWhateverIsKilled() throws Exception {
    long seed = Long.getLong("atelier.chaos.seed", 1);
    int hits = Integer.getInteger("atelier.chaos.hits", 5);
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "gradient", "rollout", "reward", "rollout", "reward");
    try (LocalCluster cluster = new LocalCluster(roles, settings(run), folder).start()) {
      Chaos chaos = new Chaos(cluster, seed);
      chaos.awaitOutput(cluster.node(0), "step 2 ", 120);
      chaos.until(new RunFiles(run).summary(), hits, 4_000, 300 + 30L * hits);
      System.out.println("chaos from seed " + seed + ": " + chaos);
      assertTrue(chaos.kills() > 0, "nothing was killed");
      assertSameAsInOneProcess(run, cluster);
    }
  }

  /** A leader that stands still is replaced; when it goes on, it must not write any more. */
  @Test
  void shouldFenceOffALeaderThatWasTakenForDead() throws Exception {
    Path run = folder.resolve("run");
    List<String> roles = List.of("learner", "rollout,reward", "learner");
    try (LocalCluster cluster = new LocalCluster(roles, settings(run), folder).start()) {
      Chaos chaos = new Chaos(cluster, 1);
      NodeProcess leader = cluster.node(0);
      chaos.awaitOutput(leader, "step 3 ", 60);
      leader.signal("STOP");
      chaos.awaitOutput(cluster.node(2), "leading the run", 60);
      chaos.awaitOutput(cluster.node(2), "  policy ", 60);
      assertTrue(Files.notExists(new RunFiles(run).summary()), "the run was over too soon");
      leader.signal("CONT");
      assertEquals(1, leader.await(60), cluster::output);
      assertEquals(0, cluster.node(2).await(120), cluster::output);
      assertSameAsInOneProcess(run, cluster);
      assertTrue(
          leader.output().contains("another conductor has taken over this run"), leader::output);
    }
  }
}
