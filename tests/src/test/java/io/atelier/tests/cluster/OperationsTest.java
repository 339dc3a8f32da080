package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.tests.cli.Cli;
import io.atelier.tests.cli.TinyPipeline;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run on three nodes, and everything that an operator does to it, one thing after the other.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperationsTest {

  private static final String STEPS = "run.steps=10";
  private static final List<String> ROLES = List.of("learner", "rollout", "rollout,reward");

  @TempDir static Path folder;
  private static Path run;
  private static LocalCluster cluster;

  /**
   * Of {@link TinyPipeline#SHORT}. As many that have landed are a step that is about to be trained.
   */
  private static final int GROUPS_OF_A_STEP = 2;

  /** Of each node: its address in the cluster, and where it answers. */
  private static final List<String> nodes = new ArrayList<>();

  private static final List<String> ports = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    run = folder.resolve("run");
    cluster = new LocalCluster(ROLES, QuietRun.settings(run, STEPS), folder).start();
    for (NodeProcess node : cluster.nodes()) {
      nodes.add(node.address());
      ports.add(node.admin());
    }
    leader().awaitStatus("a few steps", s -> s.get("run").get("trained").asInt() >= 3);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Admin leader() {
    return new Admin(ports.get(0));
  }

  private static Cli command(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--admin", ports.get(2)));
    return Cli.run(all);
  }

  private static List<JsonNode> workers(JsonNode status) {
    return StreamSupport.stream(status.get("run").get("workers").spliterator(), false).toList();
  }

  private static boolean isMember(JsonNode status, String node) {
    return StreamSupport.stream(status.get("members").spliterator(), false)
        .anyMatch(m -> m.get("address").asText().equals(node));
  }

  @Test
  @Order(1)
  void shouldStandStillWhilePaused() throws Exception {
    assertEquals(0, command("pause").code());
    JsonNode before = leader().awaitStatus("an end of what is open", OperationsTest::stands);
    assertTrue(before.get("run").get("paused").asBoolean());
    for (int i = 0; i < 10; i++) {
      JsonNode after = leader().status();
      assertEquals(before.get("run").get("trained"), after.get("run").get("trained"));
      assertEquals(before.get("run").get("stages"), after.get("run").get("stages"));
    }
    assertTrue(command("status").out().contains("PAUSED"));
  }

  /**
   * Whether nothing is under way, though there is work for a worker that could do it. Weights that
   * are loaded have groups admitted, in a pause too.
   */
  private static boolean stands(JsonNode status) {
    JsonNode stages = status.get("run").get("stages");
    return List.of("generating", "scoring", "scored", "training").stream()
            .allMatch(stage -> stages.get(stage).asInt() == 0)
        && stages.get("landed").asInt() < GROUPS_OF_A_STEP
        && stages.get("admitted").asInt() + stages.get("generated").asInt() > 0
        && workers(status).stream().noneMatch(w -> w.get("state").asText().equals("loading"))
        && workers(status).stream()
            .anyMatch(w -> w.get("does").asText().equals("waits for the end of the pause"));
  }

  @Test
  @Order(2)
  void shouldTellTheSameRunOnEveryNode() throws Exception {
    for (String port : ports) {
      JsonNode status = new Admin(port).status();
      assertEquals(3, status.get("members").size(), status::toString);
      assertEquals(nodes.get(0), status.get("run").get("leader").asText());
      assertEquals(3, workers(status).size(), status::toString);
      int open = status.get("run").get("counts").get("open").asInt();
      int staged = 0;
      for (JsonNode groups : status.get("run").get("stages")) {
        staged += groups.asInt();
      }
      assertEquals(open, staged, status::toString);
      assertTrue(status.get("run").get("recent").get("lags").has("1"), status::toString);
    }
  }

  @Test
  @Order(3)
  void shouldPrintWhatPeopleLookFor() {
    Cli result = command("status");
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    for (String part :
        List.of(
            "led by " + nodes.get(0),
            "groups ",
            "lag      ",
            "idle     critic ",
            "slowest  scorer reward-0@" + nodes.get(2),
            "COMPUTES ON",
            "the CPU in float32, weights as stored, libtorch 2.",
            "rollout-0@" + nodes.get(1))) {
      assertTrue(result.out().contains(part), part + " is not in\n" + result.out());
    }
  }

  @Test
  @Order(3)
  void shouldKeepWhatEveryNodeComputesWith() throws Exception {
    JsonNode told = leader().status().get("run").get("nodes");
    assertEquals(3, told.size());
    List<String> kept = Files.readAllLines(run.resolve("nodes.jsonl"));
    assertEquals(3, kept.size(), kept::toString);
    for (JsonNode node : told) {
      String address = node.get("node").asText();
      assertTrue(
          kept.stream()
              .anyMatch(
                  line -> line.contains(address) && line.contains(node.get("computing").asText())),
          kept::toString);
    }
  }

  @Test
  @Order(4)
  void shouldCountOnEveryNodeAndTheRunOnItsLeaderOnly() throws Exception {
    String leads = leader().send("GET", "/metrics").body();
    String other = new Admin(ports.get(1)).send("GET", "/metrics").body();
    for (String name :
        List.of(
            "atelier_steps_trained_total",
            "atelier_idle_share{role=\"rollout\"}",
            "atelier_lag_groups_total{lag=\"1\"}",
            "atelier_reward{name=\"total\"}",
            "atelier_alarm{name=\"hacking\"} 0.0",
            "atelier_step_duration_seconds_count",
            "atelier_conductor_pauses_total")) {
      assertTrue(leads.contains("\n" + name), name + " is not in\n" + leads);
      assertFalse(other.contains("\n" + name), name);
    }
    assertTrue(value(leads, "atelier_steps_trained_total") >= 3);
    assertEquals(3, value(other, "atelier_members_up"));
    assertTrue(value(other, "atelier_transport_received_bytes_total") > 0);
    assertTrue(value(other, "aeron_bytes_received_total") > 0);
    assertTrue(other.contains("\njvm_memory_used_bytes{"), other);
  }

  @Test
  @Order(4)
  void shouldCountNothingThatThePageOfClustersDoesNotExplain() throws Exception {
    Path page = Path.of(System.getProperty("atelier.root", ".."), "docs/cluster.md");
    Set<String> explained = new TreeSet<>();
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("| `atelier_")) {
        Matcher name = Pattern.compile("atelier_[a-z_*]+").matcher(line);
        while (name.find()) {
          explained.add(name.group().replace("*", "\\w+"));
        }
      }
    }
    String leads = leader().send("GET", "/metrics").body();
    Matcher type = Pattern.compile("(?m)^# TYPE (atelier_\\w+?)(_max)? ").matcher(leads);
    Set<String> unexplained = new TreeSet<>();
    while (type.find()) {
      String name = type.group(1);
      if (explained.stream().noneMatch(name::matches)) {
        unexplained.add(name);
      }
    }
    assertTrue(leads.contains("# TYPE atelier_reward gauge"), leads);
    assertEquals(Set.of(), unexplained);
  }

  private static double value(String metrics, String name) {
    Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(metrics);
    assertTrue(line.find(), name + " is not in\n" + metrics);
    return Double.parseDouble(line.group(1));
  }

  @Test
  @Order(5)
  void shouldBeReadyWhereItWorks() throws Exception {
    for (String port : ports) {
      HttpResponse<String> health = new Admin(port).send("GET", "/health");
      assertEquals("ready\n", health.body());
      assertEquals(200, health.statusCode());
    }
  }

  @Test
  @Order(6)
  void shouldRefuseWhatIsNoCommand() throws Exception {
    assertEquals(405, leader().send("GET", "/pause").statusCode());
    assertEquals(404, leader().send("GET", "/status/x").statusCode());
    assertEquals(403, leader().send("POST", "/resume", "Origin", "http://a.page").statusCode());
    assertTrue(leader().status().get("run").get("paused").asBoolean(), "a page had it resumed");
    Cli unknown = command("drain", "127.0.0.1:1");
    assertEquals(1, unknown.code());
    assertTrue(
        unknown.err().get(0).contains("there is no node 127.0.0.1:1; there are 127.0.0.1:"),
        unknown.err().get(0));
    Cli nobody = Cli.run("status", "--admin", "127.0.0.1:1");
    assertEquals(1, nobody.code());
    assertEquals(
        "atelier: no node answers at 127.0.0.1:1: nothing listens there; name one by --admin"
            + " HOST:PORT, each prints its address at its start",
        nobody.err().get(0));
  }

  @Test
  @Order(6)
  void shouldTakeCommandsFromWhoHasTheTokenAlone() throws Exception {
    for (String path :
        List.of("/pause", "/resume", "/amend", "/drain", "/down?node=" + nodes.get(1))) {
      for (String given : List.of("", "Bearer ", "Bearer " + "0".repeat(32), "Basic abc")) {
        HttpResponse<String> answer =
            given.isEmpty()
                ? leader().sendAsIs("POST", path)
                : leader().sendAsIs("POST", path, "Authorization", given);
        assertEquals(401, answer.statusCode(), path + " " + given);
        assertTrue(answer.body().contains("commands need the token of this node"), answer::body);
      }
    }
    assertTrue(leader().status().get("run").get("paused").asBoolean(), "a stranger had it resumed");
    assertEquals(3, leader().status().get("members").size());
    Path kept = token(ports.get(0));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)));
    assertNotEquals(Files.readAllLines(kept), Files.readAllLines(token(ports.get(2))));
    Path other = folder.resolve("token");
    Files.writeString(other, "0".repeat(32) + "\n");
    Cli refused = command("pause", "--token-file", other.toString());
    assertEquals(1, refused.code());
    assertTrue(refused.err().get(0).contains("in " + token(ports.get(2))), refused.err().get(0));
    Files.copy(token(ports.get(2)), other, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(0, command("pause", "--token-file", other.toString()).code());
  }

  /** Where a node says that its token is. */
  private static Path token(String port) throws Exception {
    String hint = new Admin(port).sendAsIs("POST", "/pause").body();
    return Path.of(hint.replaceAll("(?s).*which is in (\\S+) of its user there.*", "$1"));
  }

  @Test
  @Order(7)
  void shouldDrainANodeWhichEndsWell() throws Exception {
    Path token = token(ports.get(1));
    assertTrue(Files.exists(token));
    Cli result = command("drain", nodes.get(1));
    assertEquals(0, result.code(), () -> String.join("\n", result.err()));
    assertEquals(0, cluster.node(1).await(60), cluster::output);
    assertTrue(cluster.node(1).output().contains("left the run"));
    assertFalse(Files.exists(token), () -> token + " is left");
    JsonNode status = leader().awaitStatus("a member less", s -> !isMember(s, nodes.get(1)));
    assertEquals(
        new TreeSet<>(List.of("left")),
        new TreeSet<>(
            workers(status).stream()
                .filter(w -> w.get("name").asText().endsWith(nodes.get(1)))
                .map(w -> w.get("does").asText())
                .toList()));
  }

  @Test
  @Order(8)
  void shouldRemoveAMemberThatIsSaidToBeDeadWhichEndsIfItIsNot() throws Exception {
    NodeProcess node = cluster.node(1);
    node.options(
        StuckActor.OPTION, "-Dakka.coordinated-shutdown.phases.actor-system-terminate.timeout=1s");
    node.start();
    leader().awaitStatus("the node again", s -> isMember(s, nodes.get(1)) && isUp(s));
    assertEquals(200, leader().send("POST", "/down?node=" + nodes.get(1)).statusCode());
    leader().awaitStatus("a member less", s -> !isMember(s, nodes.get(1)));
    // told by gossip at once; if it was not a member for long, by silence: stable-after and more
    assertEquals(1, node.await(60), node::life);
    assertTrue(node.life().contains("ActorSystem stuck"), node::life);
    assertTrue(node.life().contains("took this node for dead"), node::life);
    assertEquals(404, leader().send("POST", "/down?node=127.0.0.1:1").statusCode());
    assertEquals(404, leader().send("POST", "/down?node=" + nodes.get(0)).statusCode());
  }

  private static boolean isUp(JsonNode status) {
    return StreamSupport.stream(status.get("members").spliterator(), false)
        .allMatch(m -> m.get("status").asText().equals("up"));
  }

  @Test
  @Order(9)
  void shouldGoOnAndEndAsIfNothingHadHappened() throws Exception {
    assertEquals(0, command("resume").code());
    for (int i : new int[] {0, 2}) {
      assertEquals(0, cluster.node(i).await(120), cluster::output);
    }
    QuietRun.of(folder.resolve("quiet"), STEPS).assertSame(run, cluster);
  }
}
