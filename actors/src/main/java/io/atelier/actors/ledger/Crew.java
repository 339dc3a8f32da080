package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Worker.State;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The workers of a run, by name, in the order in which they first came. */
final class Crew {

  /** Order numbers of one epoch: more than are ever used. */
  private static final int EPOCH_SHIFT = 40;

  private final Map<String, Worker> workers = new LinkedHashMap<>();
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

  /** Whether a worker, or a later incarnation of it, has joined before. */
  boolean knows(WorkerId id) {
    Worker known = workers.get(id.name());
    return known != null
        && known.id.node().equals(id.node())
        && known.id.incarnation() >= id.incarnation();
  }

  /** The earlier incarnation of a worker that joins, if it was not given up yet. */
  Optional<Worker> former(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name())).filter(Worker::present);
  }

  void join(WorkerId id) {
    workers.put(id.name(), new Worker(id));
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
    return workers.values().stream().filter(w -> w.present() && w.id.node().equals(node)).toList();
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

  /** Numbers the next order of a worker, and gives it a time limit. */
  long order(Worker worker, long now, Duration limit) {
    worker.order = ++lastOrder;
    worker.since = now;
    worker.deadline = now + limit.toMillis();
    return worker.order;
  }
}
