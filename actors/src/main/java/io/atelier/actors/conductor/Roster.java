package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.port.PromptSource;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.protocol.WorkerCommand;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The actors that the conductor gives orders to: hosts and workers, by node. */
final class Roster {
  private final PromptSource prompts;

  /** The workers of the last heartbeat of each node. */
  private final Map<String, List<ConductorCommand.Seat>> seats = new HashMap<>();

  private final Map<String, ActorRef<HostCommand>> hosts = new HashMap<>();

  /** Kept for nodes that are lost, too, until the ledger forgets them: status reports name them. */
  private final SortedMap<String, String> addresses = new TreeMap<>();

  private final SortedMap<String, String> computing = new TreeMap<>();

  Roster(PromptSource prompts) {
    this.prompts = prompts;
  }

  void seated(ConductorCommand.NodeBeat beat) {
    seats.put(beat.node(), beat.seats());
  }

  /** Returns whether the node is a new one. */
  boolean joined(ConductorCommand.NodeJoined node, String address) {
    addresses.put(node.node(), address);
    computing.put(node.node(), node.computing());
    return hosts.put(node.node(), node.host()) == null;
  }

  boolean knows(String node) {
    return hosts.containsKey(node);
  }

  /** Lets go of a node that does not come back, and of its workers. */
  void leave(String node) {
    hosts.remove(node);
    seats.remove(node);
  }

  /** Status reports do not name the node any more. */
  void forget(String node) {
    leave(node);
    addresses.remove(node);
    computing.remove(node);
  }

  Optional<ActorRef<HostCommand>> host(String node) {
    return Optional.ofNullable(hosts.get(node));
  }

  /** Those whose node is wanted. */
  List<ActorRef<HostCommand>> hosts(Predicate<String> wanted) {
    return hosts.entrySet().stream()
        .filter(host -> wanted.test(host.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Where each node is or was in the cluster, {@code host:port}, by its name. */
  SortedMap<String, String> addresses() {
    return new TreeMap<>(addresses);
  }

  /** What each node computes or computed with, by its name. */
  SortedMap<String, String> computing() {
    return new TreeMap<>(computing);
  }

  /**
   * Asks a node to leave, and answers the request.
   *
   * @param nodes names of those that are there
   */
  void drain(ConductorCommand.Drain drain, List<String> nodes, int epoch) {
    SortedMap<String, ActorRef<HostCommand>> present = new TreeMap<>();
    nodes.forEach(node -> host(node).ifPresent(host -> present.put(addresses.get(node), host)));
    Optional<ActorRef<HostCommand>> host = Optional.ofNullable(present.get(drain.node()));
    host.ifPresent(h -> h.tell(new HostCommand.Drain(epoch)));
    drain
        .replyTo()
        .tell(
            host.isPresent()
                ? new RunStatus.Done(true, drain.node() + " hands back its work and leaves")
                : new RunStatus.Done(
                    false,
                    "there is no node %s; there are %s"
                        .formatted(drain.node(), String.join(", ", present.keySet()))));
  }

  // an order is dropped if its worker is gone

  void load(Effect.Load load) {
    tell(load.worker(), new WorkerCommand.Load(load.order(), load.version()));
  }

  void generate(Effect.Generate lease) {
    tell(
        lease.worker(),
        new WorkerCommand.Generate(
            lease.order(), lease.id(), prompts.prompt(lease.id(), lease.attempt())));
  }

  void score(Effect.Score lease) {
    tell(lease.worker(), new WorkerCommand.Score(lease.order(), lease.images()));
  }

  void revoke(Effect.Revoke revoke) {
    tell(revoke.worker(), new WorkerCommand.Revoke(revoke.order()));
  }

  private void tell(WorkerId worker, WorkerCommand.Order order) {
    seats.getOrDefault(worker.node(), List.of()).stream()
        .filter(seat -> seat.worker().id().equals(worker))
        .findFirst()
        .ifPresent(seat -> seat.ref().tell(order));
  }
}
