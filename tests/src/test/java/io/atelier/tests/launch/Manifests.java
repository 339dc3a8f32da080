package io.atelier.tests.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What is in the files for Kubernetes. */
final class Manifests {

  static final List<JsonNode> ALL = read();

  private Manifests() {}

  private static List<JsonNode> read() {
    YAMLMapper yaml = new YAMLMapper();
    List<JsonNode> manifests = new ArrayList<>();
    try (Stream<Path> files = Files.list(Launchers.file("kubernetes"))) {
      for (Path file : files.sorted().toList()) {
        manifests.addAll(
            yaml.<JsonNode>readerFor(JsonNode.class).<JsonNode>readValues(file.toFile()).readAll());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(manifests);
  }

  static List<JsonNode> workloads() {
    return ALL.stream().filter(m -> m.at("/spec").has("template")).toList();
  }

  static JsonNode kind(String kind) {
    return ALL.stream().filter(m -> m.get("kind").asText().equals(kind)).findFirst().orElseThrow();
  }

  static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  static JsonNode job(String role) {
    return workloads().stream()
        .filter(w -> w.at("/metadata/name").asText().equals("atelier-" + role))
        .findFirst()
        .orElseThrow();
  }
}
