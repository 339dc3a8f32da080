package io.atelier.actors.conductor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RunCommand;
import java.time.Duration;
import java.util.Optional;

/** Which nodes take part: those that compute the same, until they are gone for good. */
final class Membership {

  /** Within which the ledger knows of a node whether it is there. */
  private static final Duration DOUBT = Duration.ofSeconds(20);

  private final ActorContext<ConductorCommand> context;
  private final ConductorSetup tools;
  private final Roster roster;

  /** The node that was refused last. */
  private String refused = "";

  Membership(ActorContext<ConductorCommand> context, ConductorSetup tools, Roster roster) {
    this.context = context;
    this.tools = tools;
    this.roster = roster;
  }

  /** A node offers its workers; whether it is a new one that may take part. */
  Optional<Event> joined(ConductorCommand.NodeJoined joined) {
    if (!joined.identity().fingerprint().equals(tools.identity().fingerprint())) {
      refuse(joined);
      return Optional.empty();
    }
    joined
        .host()
        .tell(new HostCommand.Welcome(context.getSelf(), tools.epoch(), tools.node(), tools.key()));
    String address = Addresses.of(context, joined.host());
    if (roster.joined(joined, address)) {
      watch(joined.node(), joined.host());
      tools.run().tell(new RunCommand.Computes(address, joined.computing()));
      boolean watched = !joined.node().equals(tools.node());
      return Optional.of(
          new Event.NodeJoined(joined.node(), joined.roles(), watched, joined.storeBytes()));
    }
    return Optional.empty();
  }

  private void refuse(ConductorCommand.NodeJoined joined) {
    String differences =
        String.join("; ", joined.identity().differences(tools.identity().brief(), "the run has"));
    joined.host().tell(new HostCommand.Refused("it would not compute the same. " + differences));
    if (!joined.node().equals(refused)) { // a node repeats its offer until it gets the answer
      refused = joined.node();
      String address = Addresses.of(context, joined.host());
      tools
          .run()
          .tell(new RunCommand.Reported("node %s is refused: %s".formatted(address, differences)));
    }
  }

  /**
   * Akka reports every actor at an address as terminated, even if only an earlier process there is
   * gone. A node that is alive sends heartbeats before the check is made.
   */
  void gone(String node) {
    context.scheduleOnce(DOUBT, context.getSelf(), new ConductorCommand.NodeDoubted(node));
  }

  /**
   * Checks whether a node that was reported as gone really is.
   *
   * @param present whether the ledger still hears of it
   */
  void doubted(String node, boolean present) {
    if (present) {
      roster.host(node).ifPresent(host -> watch(node, host));
    } else {
      roster.leave(node);
    }
  }

  private void watch(String node, ActorRef<HostCommand> host) {
    context.watchWith(host, new ConductorCommand.NodeGone(node));
  }
}
