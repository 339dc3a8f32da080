package io.atelier.actors.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * When each node was last heard of. A node that never beats, as in a run in one JVM, is no node.
 */
final class Nodes {

  private final long limit;
  private final Map<String, Long> beats = new TreeMap<>();
  private final Set<String> lost = new TreeSet<>();

  Nodes(Duration silence) {
    this.limit = silence.toMillis();
  }

  /** A node is there; returns whether it was taken for lost. */
  boolean beat(String node, long now) {
    beats.put(node, now);
    return lost.remove(node);
  }

  /** A node is gone, as far as can be known. */
  void lose(String node) {
    if (beats.remove(node) != null) {
      lost.add(node);
    }
  }

  /** Nodes that have been silent for too long. */
  List<String> silent(long now) {
    List<String> silent = new ArrayList<>();
    beats.forEach(
        (node, beat) -> {
          if (now - beat >= limit) {
            silent.add(node);
          }
        });
    return silent;
  }
}
