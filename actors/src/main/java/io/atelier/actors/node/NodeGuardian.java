package io.atelier.actors.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.Cluster;
import akka.cluster.MemberStatus;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.SingletonActor;
import io.atelier.actors.api.OpenRun;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.ledger.state.Lengths;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.worker.Host;
import io.atelier.actors.worker.HostSetup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * All actors of one node: the host of its workers, which is shown every conductor there is, and the
 * candidate for the lead if the node may have it.
 */
final class NodeGuardian extends AbstractBehavior<NodeGuardian.Command> {

  /** What a node is told. */
  sealed interface Command {}

  /** This node leads the run now, and writes this folder. */
  record Leads(Path folder) implements Command {}

  /** The run is over, or this node cannot take part in it. */
  record Over(Optional<Throwable> failure) implements Command {}

  /** Give the workers' leases back; the lead moves when this node leaves the cluster. */
  enum Leave implements Command {
    INSTANCE
  }

  /** The conductor has no more work for this node, since everything fails here. */
  private record SetAside(String reason) implements Command {}

  /** A worker of this node hangs. */
  private record Hung(String reason) implements Command {}

  /** The run that this node leads does not answer. */
  static Command hung(Duration patience) {
    return new Hung(
        "the run that this node leads does not answer for %s: a thread hangs, or the storage"
            .formatted(Lengths.text(patience)));
  }

  /** Asks for the conductor of this node's workers. */
  record Ask(ActorRef<HostCommand.Duty> replyTo) implements Command {}

  private record Listed(Set<ActorRef<ConductorCommand>> conductors) implements Command {}

  /** Check what this node waits for. */
  private enum Look implements Command {
    INSTANCE
  }

  private record Waits(Optional<String> line) implements Command {}

  /** Pause between two checks of what this node waits for. */
  private static final Duration LOOK = Duration.ofSeconds(15);

  private enum Leaderless implements Command {
    INSTANCE
  }

  /**
   * What a node is made of.
   *
   * @param roles what it is there for
   * @param leaderless how long a node that cannot lead stays once nobody leads any more
   * @param waiting what the node says while it waits
   * @param onWait is told that
   * @param host its workers, without the listener
   * @param opener takes the run folder over, when this node is to lead
   * @param pagePort of the page that this node has while it leads; -1 for none
   * @param onLead told of the folder when this node leads
   * @param onOver told when the run is over; the failure, if there was one
   * @param isOver whether the run is over
   * @param onLeft told when the node has handed back its work
   */
  record Setup(
      Set<NodeRole> roles,
      Duration leaderless,
      Waiting waiting,
      Consumer<String> onWait,
      Function<HostSetup.Listener, HostSetup> host,
      Supplier<OpenRun> opener,
      int pagePort,
      Consumer<Path> onLead,
      Consumer<Optional<Throwable>> onOver,
      BooleanSupplier isOver,
      Runnable onLeft) {}

  private final Setup setup;
  private final TimerScheduler<Command> timers;
  private final ActorRef<HostCommand> host;
  private boolean wasLed;
  private boolean led;

  private NodeGuardian(ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup) {
    super(context);
    this.timers = timers;
    this.setup = setup;
    ActorRef<Command> self = context.getSelf();
    HostSetup.Listener listener =
        new HostSetup.Listener() {
          @Override
          public void onWorkerFailed(RuntimeException error) {}

          @Override
          public void onRefused(String reason) {
            self.tell(
                new Over(
                    Optional.of(new InvalidConfigException("this node is refused: " + reason))));
          }

          @Override
          public void onOver(Optional<String> failure) {
            self.tell(new Over(failure.map(RunFailedException::new)));
          }

          @Override
          public void onSetAside(String reason) {
            self.tell(new SetAside(reason));
          }

          @Override
          public void onHung(String reason) {
            self.tell(new Hung(reason));
          }

          @Override
          public void onDrain() {
            self.tell(Leave.INSTANCE);
          }
        };
    this.host = context.spawn(Host.create(setup.host().apply(listener)), "host");
    ActorRef<Receptionist.Listing> listings =
        context.messageAdapter(
            Receptionist.Listing.class,
            listing -> new Listed(listing.getServiceInstances(ConductorCommand.KEY)));
    context.getSystem().receptionist().tell(Receptionist.subscribe(ConductorCommand.KEY, listings));
    timers.startTimerWithFixedDelay(Look.INSTANCE, LOOK);
    if (setup.roles().contains(NodeRole.LEARNER)) {
      standForLead();
    }
  }

  static Behavior<Command> create(Setup setup) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new NodeGuardian(context, timers, setup)));
  }

  private void standForLead() {
    ActorRef<Command> self = getContext().getSelf();
    ClusterSingleton.get(getContext().getSystem())
        .init(
            SingletonActor.of(
                    Lead.create(self, setup.opener(), setup.pagePort(), setup.isOver()), "lead")
                .withStopMessage(Lead.Stop.INSTANCE)
                .withProps(DispatcherSelector.blocking())
                .withSettings(
                    ClusterSingletonSettings.create(getContext().getSystem())
                        .withRole(NodeRole.LEARNER.toString())));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Listed.class, this::onListed)
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(Waits.class, this::onWaits)
        .onMessage(Leads.class, this::onLeads)
        .onMessage(Over.class, this::onOver)
        .onMessage(SetAside.class, this::onSetAside)
        .onMessage(Hung.class, this::onHung)
        .onMessage(Ask.class, this::onAsk)
        .onMessageEquals(Leave.INSTANCE, this::onLeave)
        .onMessageEquals(Leaderless.INSTANCE, this::onLeaderless)
        .build();
  }

  private Behavior<Command> onListed(Listed listed) {
    host.tell(new HostCommand.Found(listed.conductors()));
    led = !listed.conductors().isEmpty();
    if (!listed.conductors().isEmpty()) {
      wasLed = true;
      timers.cancel(Leaderless.INSTANCE);
    } else if (wasLed && !setup.roles().contains(NodeRole.LEARNER)) {
      timers.startSingleTimer(Leaderless.INSTANCE, setup.leaderless());
    }
    return this;
  }

  private Behavior<Command> onLook() {
    Cluster cluster = Cluster.get(Adapter.toClassic(getContext().getSystem()));
    MemberStatus status = cluster.selfMember().status();
    if (status.equals(MemberStatus.up())) {
      return led ? this : onWaits(new Waits(setup.waiting().toBeLed(NodeControl.members(cluster))));
    }
    if (status.equals(MemberStatus.removed())) {
      // connects to other machines, which may take seconds
      getContext()
          .pipeToSelf(
              CompletableFuture.supplyAsync(
                  setup.waiting()::toJoin,
                  getContext().getSystem().dispatchers().lookup(DispatcherSelector.blocking())),
              (line, error) -> new Waits(error == null ? line : Optional.of(error.toString())));
    }
    return this;
  }

  private Behavior<Command> onWaits(Waits waits) {
    waits.line().ifPresent(setup.onWait());
    return this;
  }

  /** A restart of this node may find a cluster in which the run goes on. */
  private Behavior<Command> onLeaderless() {
    return onOver(new Over(Optional.of(new LeaderlessException(setup.leaderless()))));
  }

  private Behavior<Command> onLeads(Leads now) {
    setup.onLead().accept(now.folder());
    return this;
  }

  private Behavior<Command> onAsk(Ask ask) {
    host.tell(new HostCommand.Ask(ask.replyTo()));
    return this;
  }

  private Behavior<Command> onOver(Over over) {
    setup.onOver().accept(over.failure());
    return this;
  }

  /** No leases are given back: the conductor has revoked them already. */
  private Behavior<Command> onSetAside(SetAside aside) {
    host.tell(HostCommand.Leave.INSTANCE);
    return onOver(new Over(Optional.of(new SetAsideException(aside.reason()))));
  }

  private Behavior<Command> onHung(Hung hung) {
    host.tell(HostCommand.Leave.INSTANCE);
    return onOver(new Over(Optional.of(new HungException(hung.reason()))));
  }

  private Behavior<Command> onLeave() {
    host.tell(HostCommand.Leave.INSTANCE);
    setup.onLeft().run();
    return this;
  }
}
