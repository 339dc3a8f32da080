package io.atelier.actors.run.metrics;

import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.JsonLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code nodes.jsonl}: the nodes that took part, with device and runtime. */
public final class NodeFile {
  private static final Logger LOG = LoggerFactory.getLogger(NodeFile.class);

  private NodeFile() {}

  /**
   * Adds a node, unless it is listed already.
   *
   * @param address {@code host:port}; empty for this process
   */
  public static void add(Path file, String address, String computing, Fence fence) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("node", address);
    node.put("computing", computing);
    boolean known = Files.exists(file) && JsonLines.read(file).contains(node);
    if (!known) {
      LOG.info(
          "{} computes with {}", address.isEmpty() ? "this process" : "node " + address, computing);
      try (JsonLines nodes = JsonLines.open(file, kept -> true, fence)) {
        nodes.append(node);
      }
    }
  }
}
