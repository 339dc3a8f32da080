package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.ledger.state.Group;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Credit in the stores of the nodes. A group that is leased, and until it is trained, has a place
 * at the conductor's node, where it is landed, and one where it is generated. A place is as large
 * as the largest group so far; until one is known there is no limit, and a worker whose result does
 * not fit waits.
 */
final class Storage {
  private final Books books;

  private record Store(long limit, boolean generates, boolean scores) {}

  private static final Store UNKNOWN = new Store(Long.MAX_VALUE, false, false);

  private final Map<String, Store> stores = new HashMap<>();
  private String home = "";
  private long generated;
  private long trajectory;
  private long features;
  private boolean reported;

  /** Whether sizes or nodes are others since all nodes were looked at. */
  private boolean changed;

  Storage(Books books) {
    this.books = books;
  }

  void join(Event.NodeJoined node) {
    stores.put(
        node.node(),
        new Store(
            node.storeBytes(),
            node.roles().contains(Role.ROLLOUT),
            node.roles().contains(Role.REWARD)));
    if (!node.watched()) {
      home = node.node();
    }
    changed = true;
  }

  void forget(String node) {
    stores.remove(node);
  }

  /** Notes how large what was made of a group is. */
  void measure(Group group) {
    long before = known();
    group
        .generation()
        .ifPresent(
            made -> {
              trajectory = Math.max(trajectory, made.trajectory().length());
              generated = Math.max(generated, made.images().length() + made.trajectory().length());
            });
    group
        .scoring()
        .flatMap(Scoring::features)
        .ifPresent(blob -> features = Math.max(features, blob.length()));
    changed |= known() > before;
  }

  private long known() {
    return generated + trajectory + features;
  }

  /** By this a size is known though no result of that kind was kept yet. */
  void lacks(Event.NoRoom full) {
    long before = known();
    if (full.worker().role() == Role.ROLLOUT) {
      generated = Math.max(generated, full.bytes());
    } else {
      features = Math.max(features, full.bytes());
    }
    changed |= known() > before;
  }

  // ---------------------------------------------------------------- places

  /** Bytes of a group at a node. */
  private long size(String node) {
    Store store = stores.getOrDefault(node, UNKNOWN);
    if (node.equals(home)) {
      return (store.generates ? generated : trajectory) + features;
    }
    return generated + (store.scores ? features : 0);
  }

  /** Groups that a node has room for. */
  private long places(String node) {
    long size = size(node);
    return size == 0 ? Long.MAX_VALUE : stores.getOrDefault(node, UNKNOWN).limit / size;
  }

  private int taken() {
    return books.groups.open().size() - books.groups.at(Group.Stage.ADMITTED).size();
  }

  /** Whether a group may be leased to a worker of a node, for which later ones make room. */
  boolean admits(String node, Group group) {
    if (!mayAdmit(node, group)) {
      return false;
    }
    if (taken() >= places(home)) {
      giveUpYoungest(books.groups.open(), group.id.step());
    }
    if (!node.equals(home) && books.groups.placed(node).size() >= places(node)) {
      giveUpYoungest(books.groups.placed(node), group.id.step());
    }
    return true;
  }

  /** Whether it would be, as things are; changes nothing. */
  boolean mayAdmit(String node, Group group) {
    return (taken() < places(home) || youngest(books.groups.open(), group.id.step()).isPresent())
        && (node.equals(home)
            || books.groups.placed(node).size() < places(node)
            || youngest(books.groups.placed(node), group.id.step()).isPresent());
  }

  /** The last group after a step that only waits for others. */
  private static Optional<Group> youngest(Collection<Group> there, int after) {
    return there.stream()
        .filter(group -> group.waits() && group.id.step() > after)
        .reduce((before, later) -> later);
  }

  /** The youngest group after a step is generated again later. */
  private boolean giveUpYoungest(Collection<Group> there, int after) {
    Optional<Group> youngest = youngest(there, after);
    youngest.ifPresent(this::giveUp);
    return youngest.isPresent();
  }

  private void giveUp(Group youngest) {
    books.report("group %s is generated again later: there is no room".formatted(youngest.id));
    youngest.restart().forEach(books::release);
    books.groups.countRegenerated();
  }

  /**
   * Sees to it that what has a place fits, as far as it is known; fails the run if a step cannot.
   */
  void enforce(Steps steps) {
    int perStep = books.config.groupsPerStep();
    long places = places(home);
    if (places < perStep) {
      steps.fail(
          "the store of the leading node has room for %d groups of %d bytes, and a step has %d: raise workers.blob-megabytes there, or lower learner.groups-per-step"
              .formatted(places, size(home), perStep));
      return;
    }
    boolean fits = taken() <= places;
    while (!fits && giveUpYoungest(books.groups.open(), steps.trained())) {
      fits = taken() <= places;
    }
    if (!changed) {
      return;
    }
    changed = false;
    for (String node : books.groups.placeNodes()) {
      boolean tight = !node.equals(home) && books.groups.placed(node).size() > places(node);
      while (tight && giveUpYoungest(books.groups.placed(node), -1)) {
        tight = books.groups.placed(node).size() > places(node);
      }
      changed |= tight; // what is worked on can be given up later
    }
    if (!reported && generated > 0 && !stores.getOrDefault(home, UNKNOWN).generates) {
      reportNodes(perStep);
    }
  }

  private void reportNodes(int perStep) {
    long all = 0;
    for (String node : books.nodes.able(Role.ROLLOUT)) {
      all += Math.min(perStep, places(node));
    }
    if (all < perStep) {
      reported = true;
      books.report(
          "the stores of the rollout nodes that are there have room for %d groups of %d bytes, and a step has %d: raise workers.blob-megabytes there, or let more nodes join"
              .formatted(all, generated, perStep));
    }
  }
}
