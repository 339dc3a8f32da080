package io.atelier.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.run.file.RunFiles;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a cluster: who leads serves it, and steers the run for who has its token. */
@Timeout(300)
class ClusterPageTest {

  private static final Pattern PAGE =
      Pattern.compile("look at http://(127\\.0\\.0\\.1:\\d+)/#token=([0-9a-f]{32})");

  @TempDir Path folder;

  /** A page as the node that leads tells of it. */
  private record Page(Admin server, String url, String token) {

    static Page of(NodeProcess leader) throws Exception {
      Matcher said =
          Admin.await("a page of " + leader.name, () -> PAGE.matcher(leader.life()), Matcher::find);
      return new Page(new Admin(said.group(1)), "http://" + said.group(1), said.group(2));
    }

    HttpResponse<String> act(String what, String by) throws Exception {
      return server.send("POST", "/run/run/act/" + what, "X-Atelier-Token", by);
    }

    String done(String what) throws Exception {
      HttpResponse<String> answer = act(what, token);
      assertEquals(200, answer.statusCode(), answer::body);
      return answer.body().strip();
    }

    JsonNode get(String path) throws Exception {
      return new ObjectMapper().readTree(server.send("GET", path).body());
    }
  }

  @Test
  void shouldBeServedAndSteeredWhereTheRunIsLed() throws Exception {
    Path run = folder.resolve("run");
    List<String> settings =
        QuietRun.settings(run, "run.steps=100000", "checkpoint.every=1", "page.port=0");
    List<String> roles = List.of("learner", "learner", "rollout,reward");
    try (LocalCluster cluster = new LocalCluster(roles, settings, folder).start()) {
      for (NodeProcess node :
          cluster.nodes()) { // which start at once, on a machine with other work
        Chaos.await(() -> node.life().contains("--admin"), 120, cluster::output);
      }
      Admin worker = new Admin(cluster.node(2).admin());
      JsonNode status = worker.awaitStatus("a step", s -> s.get("run").get("trained").asInt() >= 1);
      int first = status.get("run").get("leader").asText().equals(at(cluster, 0)) ? 0 : 1;
      Page page = Page.of(cluster.node(first));
      assertEquals(page.url(), status.get("run").get("page").asText());
      HttpResponse<String> there = worker.send("GET", "/");
      assertEquals(302, there.statusCode(), there::body);
      assertEquals(page.url(), there.headers().firstValue("Location").orElse(""));
      assertEquals("run", page.get("/runs").get(0).get("id").asText());
      assertEquals(
          status.get("run").get("leader"), page.get("/run/run/status").get("run").get("leader"));

      assertEquals(403, page.act("pause", "0").statusCode());
      assertTrue(page.done("pause").startsWith("the run paused"));
      assertTrue(worker.status().get("run").get("paused").asBoolean());
      assertTrue(page.done("amend?key=learner.learning-rate&value=0.0001").contains("from step"));
      assertTrue(page.done("resume").startsWith("the run goes on"));
      page.done("checkpoint");

      cluster.node(first).kill();
      worker.send("POST", "/down?node=" + at(cluster, first));
      NodeProcess second = cluster.node(1 - first);
      Page next = Page.of(second);
      assertNotEquals(page.token(), next.token());
      assertEquals(403, next.act("stop", page.token()).statusCode());
      worker.awaitStatus("the new page", s -> s.get("run").get("page").asText().equals(next.url()));
      assertTrue(next.done("stop").startsWith("the run stops after this step"));
      for (NodeProcess node : List.of(second, cluster.node(2))) {
        assertEquals(0, node.await(60), cluster::output);
      }
      assertTrue(second.life().contains("it goes on when the nodes are started again"));
      assertEquals(
          "stopped",
          new ObjectMapper().readTree(new RunFiles(run).state().toFile()).get("state").asText());
      assertFalse(Files.readString(new RunFiles(run).log()).contains(next.token()));
    }
  }

  private static String at(LocalCluster cluster, int node) throws Exception {
    return cluster.node(node).address();
  }
}
