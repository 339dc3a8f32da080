package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.node.NodeRole;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests, by a schema of the fields they use, and as what they start. */
class KubernetesTest {

  private static JsonSchema schema;
  private static List<JsonNode> manifests;

  @TempDir Path folder;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in =
        KubernetesTest.class.getResourceAsStream(
            "/io/atelier/tests/launch/kubernetes.schema.json")) {
      schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(in);
    }
    YAMLMapper yaml = new YAMLMapper();
    manifests =
        yaml.<JsonNode>readerFor(JsonNode.class)
            .<JsonNode>readValues(Launchers.file("kubernetes/atelier.yaml").toFile())
            .readAll();
  }

  private static List<JsonNode> workloads() {
    return manifests.stream().filter(m -> m.at("/spec").has("template")).toList();
  }

  private static JsonNode kind(String kind) {
    return manifests.stream()
        .filter(m -> m.get("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  @Test
  void shouldHaveKnownFieldsOnly() {
    assertEquals(8, manifests.size());
    for (JsonNode manifest : manifests) {
      assertEquals(Set.of(), schema.validate(manifest), manifest.at("/metadata/name")::asText);
    }
  }

  @Test
  void shouldNoticeAMisspeltField() {
    ObjectNode changed = kind("Deployment").deepCopy();
    ObjectNode container = (ObjectNode) changed.at("/spec/template/spec/containers/0");
    container.set("readinesProbe", container.remove("readinessProbe"));
    Set<ValidationMessage> problems = schema.validate(changed);
    assertTrue(problems.toString().contains("readinesProbe"), problems::toString);
    assertTrue(problems.toString().contains("readinessProbe"), problems::toString);
  }

  @Test
  void shouldMountVolumesThatThereAre() {
    for (JsonNode workload : workloads()) {
      Set<String> volumes = new TreeSet<>();
      list(workload.at("/spec/template/spec/volumes"))
          .forEach(v -> volumes.add(v.get("name").asText()));
      Set<String> mounted = new TreeSet<>();
      list(workload.at("/spec/template/spec/containers/0/volumeMounts"))
          .forEach(v -> mounted.add(v.get("name").asText()));
      assertEquals(volumes, mounted);
      assertEquals(
          workload.at("/spec/selector/matchLabels"), workload.at("/spec/template/metadata/labels"));
    }
  }

  @Test
  void shouldGiveNamesToTheSeeds() throws IOException {
    JsonNode learners = kind("StatefulSet");
    JsonNode service = kind("Service");
    assertEquals(service.at("/metadata/name"), learners.at("/spec/serviceName"));
    assertEquals(service.at("/spec/selector"), learners.at("/spec/selector/matchLabels"));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < learners.at("/spec/replicas").asInt(); i++) {
      names.add(
          "%s-%d.%s:25520"
              .formatted(
                  learners.at("/metadata/name").asText(),
                  i,
                  service.at("/metadata/name").asText()));
    }
    assertEquals(names, config(learners).cluster().seeds());
  }

  /** What a pod of a workload is configured as. */
  private TrainConfig config(JsonNode workload) throws IOException {
    Path run =
        Files.writeString(
            folder.resolve("run.conf"), kind("ConfigMap").at("/data/run.conf").asText());
    List<Path> files = new ArrayList<>();
    List<String> overrides = new ArrayList<>();
    for (JsonNode argument : list(workload.at("/spec/template/spec/containers/0/args"))) {
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
    for (JsonNode workload : workloads()) {
      JsonNode container = workload.at("/spec/template/spec/containers/0");
      TrainConfig config = config(workload);
      computed.add(List.of(config.deciding(), config.model(), config.data()));
      List<String> arguments = list(container.get("args")).stream().map(JsonNode::asText).toList();
      assertEquals("/opt/atelier", container.get("workingDir").asText(), "as in the Containerfile");
      assertEquals(
          List.of("./atelier"),
          list(container.get("command")).stream().map(JsonNode::asText).toList());
      assertEquals("node", arguments.get(0));
      String role = arguments.get(1).substring("--role=".length());
      assertEquals(role, workload.at("/spec/template/metadata/labels/role").asText());
      roles.addAll(NodeRole.parse(role));
      assertEquals(port(container, "control"), config.cluster().port());
      assertEquals(port(container, "admin"), config.cluster().adminPort());
      assertEquals("0.0.0.0", config.cluster().adminHost(), "or no probe reaches it");
      assertFalse(config.run().dir().isEmpty());
    }
    assertEquals(Set.of(NodeRole.LEARNER, NodeRole.ROLLOUT, NodeRole.REWARD), roles);
    assertEquals(1, computed.size());
  }

  /** Nodes show certificates, take no command without the token, and are reached by few. */
  @Test
  void shouldKeepItsDoorsShut() throws IOException {
    JsonNode policy = kind("NetworkPolicy");
    for (JsonNode workload : workloads()) {
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
    assertEquals(config(kind("StatefulSet")).cluster().adminPort(), others.at("/0/port").asInt());
    assertEquals(2, policy.at("/spec/ingress").size());
  }

  private static String secret(JsonNode pod, String name) {
    return list(pod.get("volumes")).stream()
        .filter(v -> v.at("/secret/secretName").asText().equals(name))
        .map(v -> v.get("name").asText())
        .findFirst()
        .orElseThrow();
  }

  private static String mounted(JsonNode container, String volume) {
    return list(container.get("volumeMounts")).stream()
        .filter(m -> m.get("name").asText().equals(volume))
        .map(m -> m.get("mountPath").asText())
        .findFirst()
        .orElseThrow();
  }

  private static String value(JsonNode container, String variable) {
    return list(container.get("env")).stream()
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
    for (JsonNode workload : workloads()) {
      JsonNode container = workload.at("/spec/template/spec/containers/0");
      String role = workload.at("/spec/template/metadata/labels/role").asText();
      assertEquals(
          role.equals("reward") ? 0 : 1,
          container.at("/resources/limits/nvidia.com~1gpu").asInt(),
          role);
      boolean caches =
          list(container.get("env")).stream()
              .anyMatch(e -> e.get("name").asText().equals("XDG_CACHE_HOME"));
      assertEquals(!role.equals("reward"), caches, role);
      if (caches) {
        assertTrue(
            list(workload.at("/spec/template/spec/volumes")).stream()
                .anyMatch(
                    v -> v.at("/persistentVolumeClaim/claimName").asText().equals("atelier-cache")),
            role);
      }
    }
  }

  private static int port(JsonNode container, String name) {
    return list((ArrayNode) container.get("ports")).stream()
        .filter(p -> p.get("name").asText().equals(name))
        .mapToInt(p -> p.get("containerPort").asInt())
        .findFirst()
        .orElseThrow();
  }
}
