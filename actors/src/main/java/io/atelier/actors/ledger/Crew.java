package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Worker.State;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/** The workers of a run, by name, in the order in which they first came. */
final class Crew {

  /** Order numbers of one epoch: more than are ever used. */
  private static final int EPOCH_SHIFT = 40;

  private final Map<String, Worker> workers = new LinkedHashMap<>();

  /** The same by node, those that are gone included. */
  private final Map<String, Map<String, Worker>> nodes = new HashMap<>();

  private long lastOrder;

  /**
   * @param epoch which conductor of the run this is; its orders are larger than those of all before
   *     it, so a worker that has heard of it takes no order of theirs any more
   */
  Crew(int epoch) {
    this.lastOrder = (long) epoch << EPOCH_SHIFT;
  }

  /** The worker with this incarnation, unless it was given up. */
  Optional<Worker> find(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name())).filter(w -> w.id.equals(id) && w.present());
  }

  /** What is known of a worker, or of a later incarnation of it. */
  Optional<Worker> known(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name()))
        .filter(w -> w.id.node().equals(id.node()) && w.id.incarnation() >= id.incarnation());
  }

  /** The earlier incarnation of a worker that joins, if it was not given up yet. */
  Optional<Worker> former(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name())).filter(Worker::present);
  }

  void join(WorkerId id) {
    Worker worker = new Worker(id);
    Worker former = workers.put(id.name(), worker);
    if (former != null) {
      nodes.get(former.id.node()).remove(id.name());
    }
    nodes.computeIfAbsent(id.node(), node -> new LinkedHashMap<>()).put(id.name(), worker);
  }

  /** Forgets the workers of a node, all of which are gone. */
  void forget(String node) {
    Optional.ofNullable(nodes.remove(node))
        .ifPresent(gone -> workers.keySet().removeAll(gone.keySet()));
  }

  Collection<Worker> all() {
    return workers.values();
  }

  /** How many there are. */
  int count(Role role) {
    return (int) workers.values().stream().filter(w -> w.id.role() == role && w.present()).count();
  }

  List<Worker> idle(Role role) {
    return workers.values().stream()
        .filter(w -> w.id.role() == role && w.state == State.IDLE)
        .toList();
  }

  List<Worker> on(String node) {
    return nodes.getOrDefault(node, Map.of()).values().stream().filter(Worker::present).toList();
  }

  Optional<Worker> holderOf(Group group) {
    return workers.values().stream()
        .filter(w -> w.group().filter(g -> g == group).isPresent())
        .findFirst();
  }

  /** Whether a worker is loading a version, or working with it. */
  boolean uses(Weights weights, long version) {
    return workers.values().stream()
        .anyMatch(w -> w.id.role().weights() == weights && w.version == version && w.busy());
  }

  /**
   * Gives a worker an order.
   *
   * @param limit within which it is to be carried out
   * @param made the order of a number
   */
  Effect.Order order(Worker worker, long now, Duration limit, LongFunction<Effect.Order> made) {
    worker.order = ++lastOrder;
    worker.since = now;
    worker.deadline = now + limit.toMillis();
    worker.contradictions = 0;
    worker.lastOrder = made.apply(worker.order);
    return worker.lastOrder;
  }
}
