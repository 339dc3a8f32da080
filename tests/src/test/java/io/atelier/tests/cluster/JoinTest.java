package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.OwnData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All nodes of a run, and all that lead it one after the other, compute the same. */
@Timeout(400)
class JoinTest {

  @TempDir Path folder;
  private OwnData data;
  private Path run;

  @BeforeEach
  void write() throws IOException {
    data = OwnData.write(folder.resolve("data"), EmojiStyle.THREE_D);
    run = folder.resolve("run");
  }

  private List<String> settings(String... more) {
    List<String> settings = new ArrayList<>(List.of("run.dir=" + run));
    settings.addAll(data.settings());
    settings.addAll(List.of(more));
    return settings;
  }

  private LocalCluster leader(String... more) throws IOException {
    return new LocalCluster(List.of("learner"), settings(more), folder).start();
  }

  private NodeProcess node(String name, String seed, String... more) {
    List<String> arguments = new ArrayList<>(List.of("node", "--role", "rollout,reward"));
    arguments.addAll(List.of("cluster.seeds=[\"" + seed + "\"]", "cluster.port=0"));
    arguments.addAll(settings(more));
    return new NodeProcess(name, List.of(), arguments, folder.resolve(name + ".out"));
  }

  /** Found before the program's own: as if other sources had been built. */
  private String otherBuild() throws IOException {
    Path classes = folder.resolve("classes");
    Path versions = classes.resolve("io/atelier/actors/run/versions.properties");
    Files.createDirectories(versions.getParent());
    Files.writeString(
        versions, "atelier=0.1.0\nuplot=1\nnetworks=1\nbuild=" + "ab".repeat(32) + "\n");
    return "-Xbootclasspath/a:" + classes;
  }

  @Test
  void shouldRefuseNodesThatWouldComputeSomethingElse() throws Exception {
    OwnData other = OwnData.write(folder.resolve("other"), EmojiStyle.FLAT);
    Path config = other.model().resolve("scheduler/scheduler_config.json");
    String scheduler = Files.readString(config);
    Files.writeString(config, scheduler.replace("timesteps\": 1000", "timesteps\": 999"));
    assertFalse(scheduler.equals(Files.readString(config)), scheduler);
    Files.writeString(other.prompts(), "fox\nred fox\ncat\nhorse\n");
    try (LocalCluster cluster = leader()) {
      NodeProcess leader = cluster.node(0);
      String seed = leader.address();
      Map<String, NodeProcess> strangers = new TreeMap<>();
      strangers.put("model: " + other.model(), node("model", seed, "model.path=" + other.model()));
      strangers.put(
          "prompts: " + other.prompts(), node("prompts", seed, "data.prompts=" + other.prompts()));
      strangers.put(
          "references: " + other.references(),
          node("references", seed, "data.references=" + other.references()));
      strangers.put(
          "configuration: rollout.guidance is 2.5, the run has",
          node("configuration", seed, "rollout.guidance=2.5"));
      strangers.put("program: 0.1.0 (abababab)", node("program", seed));
      strangers.get("program: 0.1.0 (abababab)").options(otherBuild());
      try {
        for (NodeProcess node : strangers.values()) {
          node.start();
        }
        for (Map.Entry<String, NodeProcess> stranger : strangers.entrySet()) {
          NodeProcess node = stranger.getValue();
          assertEquals(2, node.await(120), node::output);
          String line =
              node.output().lines().filter(l -> l.startsWith("atelier: ")).findFirst().orElse("");
          assertTrue(line.contains("refused: it would not compute the same. "), node::output);
          assertTrue(line.contains(stranger.getKey()), node::output);
          assertEquals(1, line.split("the run has", -1).length - 1, "names more: " + line);
          assertTrue(
              leader
                  .output()
                  .lines()
                  .anyMatch(l -> l.contains(" is refused: ") && l.contains(stranger.getKey())),
              leader::output);
        }
        assertTrue(leader.isAlive(), leader::output);
        JsonNode identity = new Admin(leader.admin()).status().get("run").get("identity");
        assertEquals(7, identity.size(), identity::toString); // held-out and encoder among them
        RunIdentity written = RunIdentity.read(new RunFiles(run)).orElseThrow();
        assertEquals(
            written.now().digests().get("model"), identity.get("model").asText(), "of the run");
        String model = identity.get("model").asText().substring(0, 8);
        assertTrue(Cli.run("status", "--admin", leader.admin()).out().contains("model " + model));
      } finally {
        strangers.values().forEach(NodeProcess::close);
      }
    }
  }

  @Test
  void shouldRefuseToTakeARunOverAsSomethingElse() throws Exception {
    try (LocalCluster cluster = leader()) {
      Chaos.await(() -> Files.exists(new RunFiles(run).identity()), 120, () -> cluster.output());
      cluster.node(0).kill();
    }
    Files.writeString(data.prompts(), "fox\nred fox\ncat\nhorse\n");
    String accept;
    try (LocalCluster cluster = leader()) {
      NodeProcess node = cluster.node(0);
      assertEquals(2, node.await(120), node::output);
      assertTrue(node.life().contains("would not go on as what it is. prompts: "), node::output);
      Matcher found = Pattern.compile("run\\.accept=([0-9a-f]{16})").matcher(node.life());
      assertTrue(found.find(), node::output);
      accept = found.group(1);
    }
    try (LocalCluster cluster = leader("run.accept=" + accept)) {
      NodeProcess node = cluster.node(0);
      Chaos.await(() -> node.life().contains("leading the run in"), 120, node::output);
      Chaos.await(() -> node.life().contains("warning: the run goes on as"), 60, node::output);
      RunIdentity written = RunIdentity.read(new RunFiles(run)).orElseThrow();
      assertEquals(accept, written.fingerprint());
      assertEquals(1, written.changes().size());
    }
  }
}
