package io.atelier.actors.transport.weights;

import io.atelier.actors.transport.wire.NodeName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who takes the versions of a stream from whom, so that every host receives them once and nobody
 * sends them to many hosts. Of each host the node that came first receives over the network; the
 * others of that host take them from it. Hosts have places: the first few receive from the
 * publisher, and every one gives on to as many later ones. Immutable.
 */
final class RelayTree {

  /** Hosts that one node sends to, if it sends to each by itself. */
  static final int FAN_OUT = 8;

  private final int fanOut;
  private final List<String> places;
  private final Map<NodeName, NodeName> sources;

  private RelayTree(int fanOut, List<String> places, Map<NodeName, NodeName> sources) {
    this.fanOut = fanOut;
    this.places = places;
    this.sources = sources;
  }

  /**
   * A tree that nobody is in.
   *
   * @param fanOut hosts that one node sends to, at least 1
   */
  static RelayTree empty(int fanOut) {
    return new RelayTree(fanOut, List.of(), Map.of());
  }

  /** The source of every follower. */
  Map<NodeName, NodeName> sources() {
    return sources;
  }

  /**
   * The tree of other followers. Hosts keep their places, so that few nodes change their source.
   * Followers on the publisher's host take from the publisher.
   *
   * @param followers in the order in which they came
   */
  RelayTree of(NodeName publisher, Collection<NodeName> followers) {
    Map<String, NodeName> first = new LinkedHashMap<>();
    followers.forEach(follower -> first.putIfAbsent(follower.host(), follower));
    first.remove(publisher.host());
    List<String> hosts = fill(places, first.keySet());
    Map<String, NodeName> feeders = new HashMap<>();
    for (int i = 0; i < hosts.size(); i++) {
      boolean direct = i < fanOut;
      feeders.put(hosts.get(i), direct ? publisher : first.get(hosts.get(i / fanOut - 1)));
    }
    Map<NodeName, NodeName> next = new LinkedHashMap<>();
    for (NodeName follower : followers) {
      NodeName receiver = first.getOrDefault(follower.host(), publisher);
      next.put(follower, receiver.equals(follower) ? feeders.get(follower.host()) : receiver);
    }
    return new RelayTree(fanOut, hosts, next);
  }

  /** Puts new hosts into the places of those that went, and if there are too few, the last ones. */
  private static List<String> fill(List<String> before, Set<String> hosts) {
    Deque<String> come = new ArrayDeque<>(hosts);
    come.removeAll(before);
    Deque<String> stay = new ArrayDeque<>(before);
    stay.retainAll(hosts);
    List<String> places = new ArrayList<>();
    for (int i = 0; i < before.size() && places.size() < hosts.size(); i++) {
      if (hosts.contains(before.get(i))) {
        places.add(stay.removeFirst());
      } else {
        places.add(come.isEmpty() ? stay.removeLast() : come.removeFirst());
      }
    }
    places.addAll(come);
    return places;
  }
}
