package io.atelier.actors.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The nodes that have workers, and when each was last heard of. */
final class Nodes {

  private static final class Node {
    private final boolean watched;
    private final Set<Role> roles;
    private long beat;
    private boolean lost;

    private Node(boolean watched, List<Role> roles) {
      this.watched = watched;
      this.roles = new HashSet<>(roles);
    }
  }

  private final long limit;
  private final Map<String, Node> nodes = new TreeMap<>();

  Nodes(Duration silence) {
    this.limit = silence.toMillis();
  }

  void join(String name, List<Role> roles, boolean watched, long now) {
    Node node = new Node(watched, roles);
    node.beat = now;
    nodes.put(name, node);
  }

  /** A node is there; returns whether it was taken for lost. */
  boolean beat(String name, long now) {
    Node node = nodes.get(name);
    if (node == null) {
      return false;
    }
    boolean back = node.lost;
    node.beat = now;
    node.lost = false;
    return back;
  }

  /** A node is gone, as far as can be known. */
  void lose(String name) {
    if (nodes.containsKey(name)) {
      nodes.get(name).lost = true;
    }
  }

  /**
   * A node has given up on its workers of a role; returns whether no node is left that has some.
   */
  boolean giveUp(String name, Role role) {
    if (nodes.containsKey(name)) {
      nodes.get(name).roles.remove(role);
    }
    return nodes.values().stream().noneMatch(node -> node.roles.contains(role));
  }

  List<LedgerStatus.Node> status(long now) {
    return nodes.entrySet().stream()
        .map(
            entry ->
                new LedgerStatus.Node(
                    entry.getKey(),
                    entry.getValue().roles.stream().sorted().toList(),
                    entry.getValue().lost,
                    entry.getValue().watched ? now - entry.getValue().beat : 0))
        .toList();
  }

  /** Names of those that neither left nor are taken for lost. */
  List<String> present() {
    return nodes.keySet().stream().filter(name -> !nodes.get(name).lost).toList();
  }

  /** Nodes that have been silent for too long. */
  List<String> silent(long now) {
    List<String> silent = new ArrayList<>();
    nodes.forEach(
        (name, node) -> {
          if (node.watched && !node.lost && now - node.beat >= limit) {
            silent.add(name);
          }
        });
    return silent;
  }
}
