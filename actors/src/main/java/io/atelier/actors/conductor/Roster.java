package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.Effect;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.port.PromptSource;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RewardWorkerCommand;
import io.atelier.actors.protocol.RolloutWorkerCommand;
import io.atelier.actors.protocol.RunStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The actors that the conductor gives orders to: hosts by node, workers by name. */
final class Roster {
  private final PromptSource prompts;
  private final Map<WorkerId, ActorRef<RolloutWorkerCommand>> rollouts = new HashMap<>();
  private final Map<WorkerId, ActorRef<RewardWorkerCommand>> rewards = new HashMap<>();
  private final Map<String, ActorRef<HostCommand>> hosts = new HashMap<>();

  /** Kept for nodes that are gone, too, since status reports name them. */
  private final SortedMap<String, String> addresses = new TreeMap<>();

  private final SortedMap<String, String> computing = new TreeMap<>();

  Roster(PromptSource prompts) {
    this.prompts = prompts;
  }

  void joined(ConductorCommand.RolloutJoined worker) {
    rollouts.keySet().removeIf(former -> former.name().equals(worker.worker().name()));
    rollouts.put(worker.worker(), worker.ref());
  }

  void joined(ConductorCommand.RewardJoined worker) {
    rewards.keySet().removeIf(former -> former.name().equals(worker.worker().name()));
    rewards.put(worker.worker(), worker.ref());
  }

  /** Returns whether the node is a new one. */
  boolean joined(ConductorCommand.NodeJoined node, String address) {
    addresses.put(node.node(), address);
    computing.put(node.node(), node.computing());
    return hosts.put(node.node(), node.host()) == null;
  }

  /** Lets go of a node that does not come back, and of its workers. */
  void forget(String node) {
    hosts.remove(node);
    rollouts.keySet().removeIf(worker -> worker.node().equals(node));
    rewards.keySet().removeIf(worker -> worker.node().equals(node));
  }

  void forget(WorkerId worker) {
    rollouts.remove(worker);
    rewards.remove(worker);
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
    rollout(load)
        .ifPresent(w -> w.tell(new RolloutWorkerCommand.Load(load.order(), load.version())));
    reward(load).ifPresent(w -> w.tell(new RewardWorkerCommand.Load(load.order(), load.version())));
  }

  void generate(Effect.Generate lease) {
    rollout(lease)
        .ifPresent(
            w ->
                w.tell(
                    new RolloutWorkerCommand.Generate(
                        lease.order(), lease.id(), prompts.prompt(lease.id(), lease.attempt()))));
  }

  void score(Effect.Score lease) {
    reward(lease)
        .ifPresent(w -> w.tell(new RewardWorkerCommand.Score(lease.order(), lease.images())));
  }

  void revoke(Effect.Revoke revoke) {
    rollout(revoke).ifPresent(w -> w.tell(new RolloutWorkerCommand.Revoke(revoke.order())));
    reward(revoke).ifPresent(w -> w.tell(new RewardWorkerCommand.Revoke(revoke.order())));
  }

  private Optional<ActorRef<RolloutWorkerCommand>> rollout(Effect.Order order) {
    return Optional.ofNullable(rollouts.get(order.worker()));
  }

  private Optional<ActorRef<RewardWorkerCommand>> reward(Effect.Order order) {
    return Optional.ofNullable(rewards.get(order.worker()));
  }
}
