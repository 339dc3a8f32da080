package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.identity.Version;
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
    return cluster(more).start();
  }

  private LocalCluster cluster(String... more) throws IOException {
    return new LocalCluster(List.of("learner"), settings(more), folder);
  }

  private List<String> node(String seed, String... more) {
    List<String> arguments = new ArrayList<>(List.of("node", "--role", "rollout,reward"));
    arguments.addAll(List.of("cluster.seeds=[\"" + seed + "\"]", "cluster.port=0"));
    arguments.addAll(settings(more));
    return arguments;
  }

  /** Found before the program's own: as if other sources had been built. */
  private String otherBuild() throws IOException {
    Path classes = folder.resolve("classes");
    String room = Version.class.getPackageName().replace('.', '/');
    Path versions = classes.resolve(room).resolve("versions.properties");
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
      Map<String, String> strangers = new TreeMap<>();
      strangers.put("model: " + other.model(), "model.path=" + other.model());
      strangers.put("prompts: " + other.prompts(), "data.prompts=" + other.prompts());
      strangers.put("references: " + other.references(), "data.references=" + other.references());
      strangers.put("configuration: rollout.guidance is 2.5, the run has", "rollout.guidance=2.5");
      for (Map.Entry<String, String> stranger : strangers.entrySet()) {
        Cli node = Cli.run(node(seed, stranger.getValue()));
        assertRefused(stranger.getKey(), node.code(), String.join("\n", node.err()), leader);
      }
      // its classes are not those of this JVM
      Path log = folder.resolve("program.out");
      try (NodeProcess node = new NodeProcess("program", List.of(), node(seed), log)) {
        node.options(otherBuild());
        node.start();
        int code = node.await(120);
        assertRefused("program: 0.1.0 (abababab)", code, node.output(), leader);
      }
      assertTrue(leader.isAlive(), leader::output);
      JsonNode identity = new Admin(leader.admin()).status().get("run").get("identity");
      assertEquals(7, identity.size(), identity::toString); // held-out and encoder among them
      RunIdentity written = RunIdentity.read(new RunFiles(run)).orElseThrow();
      assertEquals(
          written.now().digests().get("model"), identity.get("model").asText(), "of the run");
      String model = identity.get("model").asText().substring(0, 8);
      assertTrue(Cli.run("status", "--admin", leader.admin()).out().contains("model " + model));
    }
  }

  /** It ended as wrong use, naming the one thing, and the leader tells of it, too. */
  private static void assertRefused(String what, int code, String said, NodeProcess leader) {
    assertEquals(2, code, said);
    String line = said.lines().filter(l -> l.startsWith("atelier: ")).findFirst().orElse("");
    assertTrue(line.contains("refused: it would not compute the same. "), said);
    assertTrue(line.contains(what), said);
    assertEquals(1, line.split("the run has", -1).length - 1, "names more: " + line);
    Chaos.await(
        () ->
            leader.output().lines().anyMatch(l -> l.contains(" is refused: ") && l.contains(what)),
        60,
        leader::output);
  }

  @Test
  void shouldRefuseToTakeARunOverAsSomethingElse() throws Exception {
    try (LocalCluster cluster = leader()) {
      Chaos.await(() -> Files.exists(new RunFiles(run).identity()), 120, () -> cluster.output());
      cluster.node(0).kill();
    }
    Files.writeString(data.prompts(), "fox\nred fox\ncat\nhorse\n");
    Cli other = Cli.run(cluster().node(0).arguments());
    String said = String.join("\n", other.err());
    assertEquals(2, other.code(), said);
    assertTrue(said.contains("would not go on as what it is. prompts: "), said);
    Matcher found = Pattern.compile("run\\.accept=([0-9a-f]{16})").matcher(said);
    assertTrue(found.find(), said);
    String accept = found.group(1);
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
