package io.atelier.actors.transport.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.wire.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelayTreeTest {
  private static final NodeName PUBLISHER = node(0, 0);

  private static NodeName node(int host, int number) {
    return new NodeName("host-" + host, 1_000 + number, number, 0);
  }

  /** Nodes of hosts from 1 on, a node of each, then another of each. */
  private static List<NodeName> nodes(int hosts, int nodesOfAHost) {
    return IntStream.range(0, nodesOfAHost)
        .boxed()
        .flatMap(number -> IntStream.rangeClosed(1, hosts).mapToObj(host -> node(host, number)))
        .toList();
  }

  private static Map<NodeName, NodeName> sources(List<NodeName> followers) {
    return RelayTree.empty(RelayTree.FAN_OUT).of(PUBLISHER, followers).sources();
  }

  private static int depth(Map<NodeName, NodeName> sources, NodeName follower) {
    int depth = 0;
    for (NodeName at = follower; !at.equals(PUBLISHER); at = sources.get(at)) {
      assertTrue(depth++ < sources.size(), "a circle at " + follower);
    }
    return depth;
  }

  /** Other hosts that a node sends to. */
  private static long fanOut(Map<NodeName, NodeName> sources, NodeName source) {
    return sources.entrySet().stream()
        .filter(e -> e.getValue().equals(source) && !e.getKey().host().equals(source.host()))
        .count();
  }

  @Test
  void shouldTakeFromThePublisherOnItsHostAndOnFewHosts() {
    assertEquals(Map.of(), sources(List.of()));
    assertEquals(Map.of(node(0, 3), PUBLISHER), sources(List.of(node(0, 3))));
    List<NodeName> eight = nodes(8, 1);
    assertEquals(eight.stream().collect(Collectors.toMap(n -> n, n -> PUBLISHER)), sources(eight));
  }

  @Test
  void shouldReceiveOnceForAHostWithTheNodeThatCameFirst() {
    Map<NodeName, NodeName> sources = sources(nodes(3, 4));
    for (int host = 1; host <= 3; host++) {
      assertEquals(PUBLISHER, sources.get(node(host, 0)));
      for (int number = 1; number < 4; number++) {
        assertEquals(node(host, 0), sources.get(node(host, number)));
      }
    }
  }

  @Test
  void shouldReachEveryNodeInFewHops() {
    for (int hosts : new int[] {1, 8, 9, 16, 72, 73, 584, 1_000}) {
      List<NodeName> nodes = nodes(hosts, 2);
      Map<NodeName, NodeName> sources = sources(nodes);
      assertEquals(List.copyOf(sources.keySet()), nodes);
      int levels = hosts <= 8 ? 1 : hosts <= 72 ? 2 : hosts <= 584 ? 3 : 4;
      assertEquals(levels + 1, nodes.stream().mapToInt(n -> depth(sources, n)).max().orElse(0));
      assertEquals(Math.min(hosts, 8), fanOut(sources, PUBLISHER));
      nodes.forEach(node -> assertTrue(fanOut(sources, node) <= 8));
    }
  }

  @Test
  void shouldBeTheSameForTheSameFollowers() {
    assertEquals(sources(nodes(100, 3)), sources(new ArrayList<>(nodes(100, 3))));
  }

  @Test
  void shouldLetTheHeirOfANodeTakeItsPlace() {
    List<NodeName> nodes = new ArrayList<>(nodes(20, 3));
    RelayTree before = RelayTree.empty(RelayTree.FAN_OUT).of(PUBLISHER, nodes);
    nodes.remove(node(1, 0));
    Map<NodeName, NodeName> after = before.of(PUBLISHER, nodes).sources();
    assertEquals(PUBLISHER, after.get(node(1, 1)));
    assertEquals(node(1, 1), after.get(node(1, 2)));
    IntStream.rangeClosed(9, 16)
        .forEach(child -> assertEquals(node(1, 1), after.get(node(child, 0))));
    assertEquals(2 + 8, moved(before.sources(), after));
  }

  @Test
  void shouldFillThePlaceOfAHostThatGoes() {
    List<NodeName> nodes = new ArrayList<>(nodes(20, 1));
    RelayTree before = RelayTree.empty(RelayTree.FAN_OUT).of(PUBLISHER, nodes);
    nodes.remove(node(1, 0));
    RelayTree last = before.of(PUBLISHER, nodes);
    assertEquals(PUBLISHER, last.sources().get(node(20, 0)));
    assertEquals(node(20, 0), last.sources().get(node(9, 0)));
    assertEquals(1 + 8, moved(before.sources(), last.sources()));
    nodes.add(node(30, 0));
    RelayTree fresh = before.of(PUBLISHER, nodes);
    assertEquals(PUBLISHER, fresh.sources().get(node(30, 0)));
    assertEquals(1 + 8, moved(before.sources(), fresh.sources()));
  }

  private static long moved(Map<NodeName, NodeName> before, Map<NodeName, NodeName> after) {
    return after.keySet().stream()
        .filter(node -> !after.get(node).equals(before.get(node)))
        .count();
  }

  @Test
  void shouldReachEverybodyWhoeverComesAndGoes() {
    SplittableRandom random = new SplittableRandom(3);
    List<NodeName> nodes = new ArrayList<>();
    RelayTree tree = RelayTree.empty(RelayTree.FAN_OUT);
    for (int i = 0; i < 500; i++) {
      for (int left = random.nextInt(nodes.size() + 1) / 4; left > 0; left--) {
        nodes.remove(random.nextInt(nodes.size()));
      }
      for (int more = random.nextInt(20); more > 0; more--) {
        nodes.add(node(random.nextInt(60), 100 * i + more));
      }
      tree = tree.of(PUBLISHER, nodes);
      Map<NodeName, NodeName> sources = tree.sources();
      assertEquals(nodes, List.copyOf(sources.keySet()));
      nodes.forEach(node -> assertTrue(depth(sources, node) <= 3 && fanOut(sources, node) <= 8));
      assertTrue(fanOut(sources, PUBLISHER) <= 8);
    }
  }

  @Test
  void shouldReceiveFromThePublisherOnEveryHostIfItSendsToAllAtOnce() {
    List<NodeName> nodes = nodes(40, 2);
    Map<NodeName, NodeName> sources =
        RelayTree.empty(Integer.MAX_VALUE).of(PUBLISHER, nodes).sources();
    assertEquals(40, fanOut(sources, PUBLISHER));
    assertEquals(node(7, 0), sources.get(node(7, 1)));
  }
}
