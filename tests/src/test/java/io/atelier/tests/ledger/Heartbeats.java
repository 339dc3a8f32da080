package io.atelier.tests.ledger;

import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What nodes say of their workers, whose messages all arrive. */
final class Heartbeats {
  private final Map<String, Map<String, WorkerState>> nodes = new HashMap<>();
  private long beats;

  /** The heartbeat of a node with another worker, or with its next incarnation. */
  Event.NodeBeat join(WorkerId worker) {
    return say(new WorkerState(worker, 0, true));
  }

  /** The heartbeat of a node of which one worker is at some order. */
  Event.NodeBeat say(WorkerState worker) {
    WorkerId id = worker.id();
    nodes.computeIfAbsent(id.node(), node -> new TreeMap<>()).put(id.name(), worker);
    return of(id.node());
  }

  /** The heartbeat of a node that a worker has left. */
  Event.NodeBeat leave(WorkerId worker) {
    nodes.get(worker.node()).remove(worker.name());
    return of(worker.node());
  }

  /** The next heartbeat of a node. */
  Event.NodeBeat of(String node) {
    Map<String, WorkerState> workers = nodes.getOrDefault(node, Map.of());
    return new Event.NodeBeat(node, ++beats, List.copyOf(workers.values()), List.of());
  }
}
