package io.atelier.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The manifests, by the types of the Kubernetes API. */
class KubernetesApiTest {

  @Test
  void shouldBeOfTheKubernetesApi() throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode manifest : Manifests.ALL) {
      KubernetesTypes.check(manifest);
      assertEquals("atelier", manifest.at("/metadata/labels/app").asText());
      names.add(manifest.get("kind").asText() + " " + manifest.at("/metadata/name").asText());
    }
    assertEquals(Manifests.ALL.size(), names.size(), names::toString);
    assertTrue(
        names.containsAll(Set.of("Job atelier-learner", "Job atelier-rollout", "Service atelier")),
        names::toString);
  }

  /** Field, value, and what is wrong with it. */
  @ParameterizedTest
  @CsvSource({
    "/spec/template/spec/containers/0,  readinesProbe,   {},      readinesProbe",
    "/spec/template/spec/containers/0,  name,            ,        name",
    "/spec/template/spec,               restartPolicy,   [],      restartPolicy",
    "/spec,                             parallelism,     'two',   two",
    "/spec/podFailurePolicy/rules/0/onExitCodes, values, 2,       values"
  })
  void shouldNoticeAWrongField(String at, String field, String value, String said)
      throws IOException {
    JsonNode changed = Manifests.job("learner").deepCopy();
    ObjectNode parent = (ObjectNode) changed.at(at);
    if (value == null) {
      parent.remove(field);
    } else {
      parent.set(field, new YAMLMapper().readTree(value));
    }
    Exception wrong =
        assertThrows(IllegalArgumentException.class, () -> KubernetesTypes.check(changed));
    assertTrue(wrong.getMessage().contains(said), wrong::getMessage);
  }
}
