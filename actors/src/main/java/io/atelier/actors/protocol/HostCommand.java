package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.transport.RunKey;
import java.util.Optional;
import java.util.Set;

/** What a host is told. */
public sealed interface HostCommand {

  /** These are all conductors there are: one, none, or for a short while more. */
  record Found(Set<ActorRef<ConductorCommand>> conductors) implements HostCommand {}

  /**
   * The conductor takes the workers.
   *
   * @param epoch which conductor of the run it is; an earlier one is not listened to any more
   * @param publisher node that publishes the weights
   * @param key what the nodes of this run seal bytes with, and accept none without
   */
  record Welcome(ActorRef<ConductorCommand> conductor, int epoch, String publisher, RunKey key)
      implements HostCommand, WireMessage {}

  /** The conductor does not take the workers. */
  record Refused(String reason) implements HostCommand, WireMessage {}

  /**
   * The node was taken for lost, or is not known any more: drop what it holds, offer it again, and
   * have its workers join anew.
   */
  record Rejoin(int epoch) implements HostCommand, WireMessage {}

  /** A worker of this host can take orders. */
  record Ready(WorkerId worker) implements HostCommand {}

  /** A worker was to end some time ago. */
  record Hangs(WorkerId worker) implements HostCommand {}

  /** Give the leases of the workers back, and send no more heartbeats. */
  enum Leave implements HostCommand {
    INSTANCE
  }

  /** The run can do without this node: it is to leave. */
  record Drain(int epoch) implements HostCommand, WireMessage {}

  /** Asks whom the workers work for; for its own node. */
  record Ask(ActorRef<Duty> replyTo) implements HostCommand {}

  /**
   * The conductor that the workers work for.
   *
   * @param workers how many there are, those that are being replaced included
   * @param conductor the conductor; empty if there is none yet, and after a node has left
   */
  record Duty(int workers, Optional<ActorRef<ConductorCommand>> conductor) {}

  /** The run has trained this many steps. */
  record Trained(int steps) implements HostCommand, WireMessage {}

  /** End this worker and start its next incarnation. */
  record Replace(WorkerId worker, String reason) implements HostCommand, WireMessage {}

  /**
   * The run is over.
   *
   * @param epoch which conductor says so
   * @param failure its first cause; empty if it did not fail
   */
  record RunOver(int epoch, Optional<String> failure) implements HostCommand, WireMessage {}

  /**
   * The workers of a role fail at everything: they get no more work.
   *
   * @param reason how they failed first
   * @param leave whether the node is there for nothing else, and is to end
   */
  record SetAside(int epoch, Role role, String reason, boolean leave)
      implements HostCommand, WireMessage {}

  enum Beat implements HostCommand {
    INSTANCE
  }
}
