package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.state.Worker.State;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** The workers of a run, by name, in the order in which they first came. */
public final class Crew {

  /** Order numbers of one epoch: more than are ever used. */
  private static final int EPOCH_SHIFT = 40;

  private final Map<String, Worker> workers = new LinkedHashMap<>();

  /** The same by node, those that are gone included. */
  private final Map<String, Map<String, Worker>> nodes = new HashMap<>();

  /** Those that are idle, by role, in the order in which they first came. */
  private final Map<Role, TreeMap<Long, Worker>> idle = new EnumMap<>(Role.class);

  /** The same by the version that they hold. */
  private final Map<Role, Map<Long, TreeMap<Long, Worker>>> idleWith = new EnumMap<>(Role.class);

  /** How many load a version. */
  private final Map<Weights, Map<Long, Integer>> loads = new EnumMap<>(Weights.class);

  /** How many load or work with a version. */
  private final Map<Weights, Map<Long, Integer>> uses = new EnumMap<>(Weights.class);

  private long lastOrder;
  private long lastPlace;

  /**
   * @param epoch which conductor of the run this is; its orders are larger than those of all before
   *     it, so a worker that has heard of it takes no order of theirs any more
   */
  public Crew(int epoch) {
    this.lastOrder = (long) epoch << EPOCH_SHIFT;
    for (Role role : Role.values()) {
      idle.put(role, new TreeMap<>());
      idleWith.put(role, new HashMap<>());
    }
    for (Weights weights : Weights.values()) {
      uses.put(weights, new HashMap<>());
      loads.put(weights, new HashMap<>());
    }
  }

  /** The worker with this incarnation, unless it was given up. */
  public Optional<Worker> find(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name())).filter(w -> w.id.equals(id) && w.present());
  }

  /** What is known of a worker, or of a later incarnation of it. */
  public Optional<Worker> known(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name()))
        .filter(w -> w.id.node().equals(id.node()) && w.id.incarnation() >= id.incarnation());
  }

  /** The earlier incarnation of a worker that joins, if it was not given up yet. */
  public Optional<Worker> former(WorkerId id) {
    return Optional.ofNullable(workers.get(id.name())).filter(Worker::present);
  }

  public void join(WorkerId id) {
    Worker worker = new Worker(id, this);
    Worker former = workers.put(id.name(), worker);
    worker.place = former == null ? ++lastPlace : former.place;
    if (former != null) {
      leaves(former);
      nodes.get(former.id.node()).remove(id.name());
    }
    enters(worker);
    nodes.computeIfAbsent(id.node(), node -> new LinkedHashMap<>()).put(id.name(), worker);
  }

  /** Forgets the workers of a node, all of which are gone. */
  public void forget(String node) {
    Optional.ofNullable(nodes.remove(node))
        .ifPresent(gone -> workers.keySet().removeAll(gone.keySet()));
  }

  public Collection<Worker> all() {
    return workers.values();
  }

  /** How many there are. */
  public int count(Role role) {
    return (int) workers.values().stream().filter(w -> w.id.role() == role && w.present()).count();
  }

  /** A list of its own: to give one of them work takes it out of the idle ones. */
  public List<Worker> idle(Role role) {
    return List.copyOf(idle.get(role).values());
  }

  /** Those that are idle and hold a version, in the order in which they came. */
  public Collection<Worker> idle(Role role, long version) {
    Map<Long, Worker> there = idleWith.get(role).get(version);
    return there == null ? List.of() : there.values();
  }

  /** How many load a version. */
  public int loading(Weights weights, long version) {
    return loads.get(weights).getOrDefault(version, 0);
  }

  public boolean hasIdle(Role role) {
    return !idle.get(role).isEmpty();
  }

  /** Whether a worker that is idle holds an older version, or none. */
  public boolean hasIdleBelow(Role role, long version) {
    return idleWith.get(role).keySet().stream().anyMatch(held -> held < version);
  }

  private static void less(Map<Long, Integer> counts, long version) {
    counts.computeIfPresent(version, (v, count) -> count == 1 ? null : count - 1);
  }

  /** A worker is about to change. */
  void leaves(Worker worker) {
    if (worker.state() == State.IDLE) {
      idle.get(worker.id.role()).remove(worker.place, worker);
      idleWith
          .get(worker.id.role())
          .computeIfPresent(
              worker.version(),
              (version, there) ->
                  there.remove(worker.place, worker) && there.isEmpty() ? null : there);
    } else if (worker.busy()) {
      less(uses.get(worker.id.role().weights()), worker.version());
      if (worker.state() == State.LOADING) {
        less(loads.get(worker.id.role().weights()), worker.version());
      }
    }
  }

  /** A worker has changed. */
  void enters(Worker worker) {
    if (worker.state() == State.IDLE) {
      idle.get(worker.id.role()).put(worker.place, worker);
      idleWith
          .get(worker.id.role())
          .computeIfAbsent(worker.version(), version -> new TreeMap<>())
          .put(worker.place, worker);
    } else if (worker.busy()) {
      uses.get(worker.id.role().weights()).merge(worker.version(), 1, Integer::sum);
      if (worker.state() == State.LOADING) {
        loads.get(worker.id.role().weights()).merge(worker.version(), 1, Integer::sum);
      }
    }
  }

  public List<Worker> on(String node) {
    return nodes.getOrDefault(node, Map.of()).values().stream().filter(Worker::present).toList();
  }

  /** Whether a worker is loading a version, or working with it. */
  public boolean uses(Weights weights, long version) {
    return uses.get(weights).containsKey(version);
  }

  /**
   * Gives a worker an order.
   *
   * @param limit within which it is to be carried out
   * @param made the order of a number
   */
  public Effect.Order order(
      Worker worker, long now, Duration limit, LongFunction<Effect.Order> made) {
    worker.order = ++lastOrder;
    worker.since = now;
    worker.deadline = now + limit.toMillis();
    worker.contradictions = 0;
    worker.lastOrder = made.apply(worker.order);
    return worker.lastOrder;
  }
}
