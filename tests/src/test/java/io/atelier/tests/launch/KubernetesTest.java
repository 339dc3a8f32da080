package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.node.NodeRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests, as what they start. */
class KubernetesTest {

  @TempDir Path folder;

  @Test
  void shouldMountVolumesThatThereAre() {
    for (JsonNode workload : Manifests.workloads()) {
      Set<String> volumes = new TreeSet<>();
      Manifests.list(workload.at("/spec/template/spec/volumes"))
          .forEach(v -> volumes.add(v.get("name").asText()));
      Set<String> mounted = new TreeSet<>();
      Manifests.list(workload.at("/spec/template/spec/containers/0/volumeMounts"))
          .forEach(v -> mounted.add(v.get("name").asText()));
      assertEquals(volumes, mounted);
    }
  }

  /** The name of a pod is known to others only some time after it begins, so it binds to its IP. */
  @Test
  void shouldGiveNamesToTheSeeds() throws IOException {
    JsonNode learners = Manifests.job("learner");
    JsonNode service = Manifests.kind("Service");
    String name = service.at("/metadata/name").asText();
    assertEquals(name, learners.at("/spec/template/spec/subdomain").asText());
    assertEquals(
        service.at("/spec/selector"), learners.at("/spec/template/metadata/labels"), "no names");
    assertEquals("Indexed", learners.at("/spec/completionMode").asText());
    String host =
        Manifests.list(learners.at("/spec/template/spec/containers/0/args")).stream()
            .map(JsonNode::asText)
            .filter(argument -> argument.startsWith("cluster.host="))
            .findFirst()
            .orElseThrow();
    assertEquals("cluster.host=atelier-learner-$(NUMBER)." + name, host);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < learners.at("/spec/completions").asInt(); i++) {
      names.add("%s-%d.%s:25520".formatted(learners.at("/metadata/name").asText(), i, name));
    }
    TrainConfig config = config(learners);
    assertEquals(names, config.cluster().seeds());
    assertEquals("10.0.0.1", config.cluster().bindHost());
  }

  /** Pods that are done are not started again, nor those that would fail again. */
  @Test
  void shouldEndWithTheRun() {
    for (JsonNode workload : Manifests.workloads()) {
      assertEquals("Job", workload.get("kind").asText());
      assertEquals("Never", workload.at("/spec/template/spec/restartPolicy").asText());
      assertEquals(workload.at("/spec/completions"), workload.at("/spec/parallelism"));
      assertTrue(workload.at("/spec/backoffLimitPerIndex").asInt() >= 20);
      JsonNode wrong = workload.at("/spec/podFailurePolicy/rules/0");
      assertEquals("FailIndex", wrong.get("action").asText());
      assertEquals("node", wrong.at("/onExitCodes/containerName").asText());
      assertEquals("node", workload.at("/spec/template/spec/containers/0/name").asText());
      assertEquals("[2]", wrong.at("/onExitCodes/values").toString());
    }
  }

  /** What the node answers while it waits for others is 503 for /health only. */
  @Test
  void shouldAskWhetherANodeLivesAndIsReady() {
    for (JsonNode workload : Manifests.workloads()) {
      JsonNode container = workload.at("/spec/template/spec/containers/0");
      assertEquals("/health", container.at("/readinessProbe/httpGet/path").asText());
      for (String probe : List.of("startupProbe", "livenessProbe")) {
        assertEquals("/metrics", container.at("/" + probe + "/httpGet/path").asText());
        assertEquals("admin", container.at("/" + probe + "/httpGet/port").asText());
      }
    }
  }

  @Test
  void shouldKeepLearnersApart() {
    JsonNode learners = Manifests.job("learner");
    JsonNode term =
        learners.at(
            "/spec/template/spec/affinity/podAntiAffinity"
                + "/requiredDuringSchedulingIgnoredDuringExecution/0");
    assertEquals("kubernetes.io/hostname", term.get("topologyKey").asText());
    JsonNode labels = learners.at("/spec/template/metadata/labels");
    assertEquals(labels, term.at("/labelSelector/matchLabels"));
    assertEquals(labels, Manifests.kind("PodDisruptionBudget").at("/spec/selector/matchLabels"));
  }

  /** What a pod of a workload is configured as. */
  private TrainConfig config(JsonNode workload) throws IOException {
    Path run =
        Files.writeString(
            folder.resolve("run.conf"), Manifests.kind("ConfigMap").at("/data/run.conf").asText());
    List<Path> files = new ArrayList<>();
    List<String> overrides = new ArrayList<>();
    for (JsonNode argument : Manifests.list(workload.at("/spec/template/spec/containers/0/args"))) {
      String text = argument.asText().replaceAll("\\$\\([A-Z]+\\)", "10.0.0.1");
      if (text.equals("--config=/etc/atelier/run.conf")) {
        files.add(run);
      } else if (text.startsWith("--config=cluster-conf/")) {
        files.add(Launchers.file(text.substring("--config=cluster-conf/".length())));
      } else if (!text.startsWith("--") && text.contains("=")) {
        overrides.add(text);
      }
    }
    return TrainConfig.load("dev", files, overrides);
  }

  @Test
  void shouldStartNodesOfOneRunWithEveryRoleItNeeds() throws IOException {
    Set<NodeRole> roles = new TreeSet<>();
    Set<Object> computed = new HashSet<>();
    for (JsonNode workload : Manifests.workloads()) {
      JsonNode container = workload.at("/spec/template/spec/containers/0");
      TrainConfig config = config(workload);
      computed.add(List.of(config.deciding(), config.model(), config.data()));
      List<String> arguments =
          Manifests.list(container.get("args")).stream().map(JsonNode::asText).toList();
      assertEquals("/opt/atelier", container.get("workingDir").asText(), "as in the Containerfile");
      assertEquals(
          List.of("./atelier"),
          Manifests.list(container.get("command")).stream().map(JsonNode::asText).toList());
      assertEquals("node", arguments.get(0));
      String role = arguments.get(1).substring("--role=".length());
      assertEquals(role, workload.at("/spec/template/metadata/labels/role").asText());
      roles.addAll(NodeRole.parse(role));
      assertEquals(port(container, "control"), config.cluster().port());
      assertEquals(port(container, "admin"), config.cluster().adminPort());
      assertEquals(port(container, "data"), config.transport().port());
      assertEquals("0.0.0.0", config.cluster().adminHost(), "or no probe reaches it");
      assertFalse(config.run().dir().isEmpty());
    }
    assertEquals(Set.of(NodeRole.LEARNER, NodeRole.ROLLOUT, NodeRole.REWARD), roles);
    assertEquals(1, computed.size());
  }

  /** Nodes show certificates, take no command without the token, and are reached by few. */
  @Test
  void shouldKeepItsDoorsShut() throws IOException {
    JsonNode policy = Manifests.kind("NetworkPolicy");
    for (JsonNode workload : Manifests.workloads()) {
      assertTrue(config(workload).cluster().tls());
      assertFalse(config(workload).cluster().trustNetwork());
      JsonNode selected = policy.at("/spec/podSelector/matchLabels/app");
      assertEquals(selected, workload.at("/spec/template/metadata/labels/app"));
      assertEquals(policy.at("/spec/ingress/0/from/0/podSelector/matchLabels/app"), selected);
      JsonNode pod = workload.at("/spec/template/spec");
      JsonNode container = pod.at("/containers/0");
      assertEquals("atelier", container.at("/envFrom/0/secretRef/name").asText());
      String mounted = mounted(container, secret(pod, "atelier-tls"));
      for (String store : List.of("KEY_STORE", "TRUST_STORE")) {
        String file = value(container, "ATELIER_TLS_" + store);
        assertEquals(
            mounted + "/" + store.replace("_", "").toLowerCase(Locale.ROOT) + ".p12", file);
      }
    }
    JsonNode others = policy.at("/spec/ingress/1/ports");
    assertEquals(1, others.size(), "others reach the port for metrics alone");
    assertEquals(
        config(Manifests.job("learner")).cluster().adminPort(), others.at("/0/port").asInt());
    assertEquals(2, policy.at("/spec/ingress").size());
  }

  private static String secret(JsonNode pod, String name) {
    return Manifests.list(pod.get("volumes")).stream()
        .filter(v -> v.at("/secret/secretName").asText().equals(name))
        .map(v -> v.get("name").asText())
        .findFirst()
        .orElseThrow();
  }

  private static String mounted(JsonNode container, String volume) {
    return Manifests.list(container.get("volumeMounts")).stream()
        .filter(m -> m.get("name").asText().equals(volume))
        .map(m -> m.get("mountPath").asText())
        .findFirst()
        .orElseThrow();
  }

  private static String value(JsonNode container, String variable) {
    return Manifests.list(container.get("env")).stream()
        .filter(e -> e.get("name").asText().equals(variable))
        .map(e -> e.get("value").asText())
        .findFirst()
        .orElseThrow();
  }

  /**
   * Encoders run on the CPU; all else has a GPU, and a place for libtorch that outlives the pod.
   */
  @Test
  void shouldAskForAGpuWhereSomethingComputesOnIt() {
    for (JsonNode workload : Manifests.workloads()) {
      JsonNode container = workload.at("/spec/template/spec/containers/0");
      String role = workload.at("/spec/template/metadata/labels/role").asText();
      assertEquals(
          role.equals("reward") ? 0 : 1,
          container.at("/resources/limits/nvidia.com~1gpu").asInt(),
          role);
      boolean caches =
          Manifests.list(container.get("env")).stream()
              .anyMatch(e -> e.get("name").asText().equals("XDG_CACHE_HOME"));
      assertEquals(!role.equals("reward"), caches, role);
      if (caches) {
        assertTrue(
            Manifests.list(workload.at("/spec/template/spec/volumes")).stream()
                .anyMatch(
                    v -> v.at("/persistentVolumeClaim/claimName").asText().equals("atelier-cache")),
            role);
      }
    }
  }

  private static int port(JsonNode container, String name) {
    return Manifests.list((ArrayNode) container.get("ports")).stream()
        .filter(p -> p.get("name").asText().equals(name))
        .mapToInt(p -> p.get("containerPort").asInt())
        .findFirst()
        .orElseThrow();
  }
}
