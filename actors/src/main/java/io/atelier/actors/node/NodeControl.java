package io.atelier.actors.node;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.MemberStatus;
import akka.cluster.UniqueAddress;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import akka.remote.artery.QuarantinedEvent;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.UnansweredException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;

/**
 * What one node can say about itself, its cluster and its run, and can have done. Every call waits
 * for an answer, {@link #PATIENCE} at most. Thread-safe.
 */
final class NodeControl {

  /** How long an answer is waited for: the conductor answers between two messages. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final ActorSystem<?> system;
  private final ActorRef<NodeGuardian.Command> guardian;
  private final Cluster cluster;

  NodeControl(ActorSystem<?> system, ActorRef<NodeGuardian.Command> guardian) {
    this.system = system;
    this.guardian = guardian;
    this.cluster = Cluster.get(system);
  }

  /** Address of this node, {@code host:port}. */
  String self() {
    return name(cluster.selfMember().address());
  }

  /** Why this node does no work; empty if it does, or waits for some. */
  Optional<String> notReady() {
    MemberStatus status = cluster.selfMember().status();
    if (!status.equals(MemberStatus.up())) {
      return Optional.of("this node is %s, not up".formatted(lower(status)));
    }
    try {
      HostCommand.Duty duty = duty();
      return duty.workers() > 0 && duty.conductor().isEmpty()
          ? Optional.of("the workers have no conductor")
          : Optional.empty();
    } catch (UnansweredException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Whether the conductor is on this node. */
  boolean leads() {
    return duty().conductor().filter(c -> c.path().address().hasLocalScope()).isPresent();
  }

  /**
   * The run, as its conductor tells it.
   *
   * @throws UnansweredException if there is no conductor, or it does not answer
   */
  RunStatus status() {
    ActorRef<ConductorCommand> conductor = conductor();
    return wait(
        "the conductor",
        AskPattern.ask(conductor, ConductorCommand.Ask::new, PATIENCE, system.scheduler()));
  }

  /**
   * Stops or resumes giving leases.
   *
   * @throws UnansweredException as for {@link #status}
   */
  RunStatus.Done pause(boolean pause) {
    ActorRef<ConductorCommand> conductor = conductor();
    return wait(
        "the conductor",
        AskPattern.<ConductorCommand, RunStatus.Done>ask(
            conductor,
            replyTo -> new ConductorCommand.Pause(pause, replyTo),
            PATIENCE,
            system.scheduler()));
  }

  /**
   * Amends a configuration value from the next step that begins.
   *
   * @throws UnansweredException as for {@link #status}
   */
  RunStatus.Done amend(String key, double value, String why) {
    ActorRef<ConductorCommand> conductor = conductor();
    return wait(
        "the conductor",
        AskPattern.<ConductorCommand, RunStatus.Done>ask(
            conductor,
            replyTo -> new ConductorCommand.Amend(key, value, why, replyTo),
            PATIENCE,
            system.scheduler()));
  }

  /**
   * Has a node give its leases back and leave.
   *
   * @param node {@code host:port}; empty for this one, which needs no conductor for it
   * @throws UnansweredException as for {@link #status}
   */
  RunStatus.Done drain(String node) {
    if (node.isEmpty() || node.equals(self())) {
      guardian.tell(NodeGuardian.Leave.INSTANCE);
      return new RunStatus.Done(true, self() + " hands back its work and leaves");
    }
    ActorRef<ConductorCommand> conductor = conductor();
    return wait(
        "the conductor",
        AskPattern.<ConductorCommand, RunStatus.Done>ask(
            conductor,
            replyTo -> new ConductorCommand.Drain(node, replyTo),
            PATIENCE,
            system.scheduler()));
  }

  /**
   * Removes a node whose process is known to be dead, without waiting for the failure detector.
   *
   * @param node {@code host:port}
   */
  RunStatus.Done down(String node) {
    List<akka.cluster.Member> known =
        StreamSupport.stream(cluster.state().getMembers().spliterator(), false).toList();
    Optional<akka.cluster.Member> member =
        known.stream().filter(m -> name(m.address()).equals(node)).findFirst();
    if (member.isEmpty()) {
      return new RunStatus.Done(
          false,
          "there is no member %s; members are %s"
              .formatted(
                  node,
                  String.join(", ", known.stream().map(m -> name(m.address())).sorted().toList())));
    }
    if (node.equals(self())) {
      return new RunStatus.Done(false, node + " is this node, which is alive; drain it");
    }
    // a downed node is removed once it is unreachable, which the failure detector takes seconds
    // to notice; for a node that is known to have ended this is at once
    UniqueAddress dead = member.get().uniqueAddress();
    Adapter.toClassic(system)
        .getEventStream()
        .publish(
            new QuarantinedEvent(new akka.remote.UniqueAddress(dead.address(), dead.longUid())));
    cluster.manager().tell(new Down(dead.address()));
    return new RunStatus.Done(true, node + " is taken for dead");
  }

  /** All nodes, in the order of their addresses. */
  List<Member> members() {
    return members(akka.cluster.Cluster.get(Adapter.toClassic(system)));
  }

  /** The same, of a cluster. */
  static List<Member> members(akka.cluster.Cluster cluster) {
    var state = cluster.state();
    var unreachable = state.getUnreachable();
    List<Member> members = new ArrayList<>();
    for (akka.cluster.Member member : state.getMembers()) {
      List<String> roles =
          member.getRoles().stream().filter(r -> !r.startsWith("dc-")).sorted().toList();
      members.add(
          new Member(
              name(member.address()),
              roles,
              lower(member.status()),
              !unreachable.contains(member)));
    }
    members.sort(Comparator.comparing(Member::address));
    return members;
  }

  private HostCommand.Duty duty() {
    return wait(
        "this node", AskPattern.ask(guardian, NodeGuardian.Ask::new, PATIENCE, system.scheduler()));
  }

  private ActorRef<ConductorCommand> conductor() {
    return duty()
        .conductor()
        .orElseThrow(() -> new UnansweredException("there is no conductor, or this node left it"));
  }

  private static <T> T wait(String who, CompletionStage<T> answer) {
    try {
      return answer.toCompletableFuture().join();
    } catch (CompletionException e) {
      String why =
          e.getCause() instanceof TimeoutException ? " does not answer" : ": " + e.getCause();
      throw new UnansweredException(who + why);
    }
  }

  private static String lower(MemberStatus status) {
    return status.toString().toLowerCase(Locale.ROOT);
  }

  private static String name(Address address) {
    return address.getHost().orElse("") + ":" + address.getPort().orElse(0);
  }
}
