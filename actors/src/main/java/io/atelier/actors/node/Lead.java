package io.atelier.actors.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Adapter;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.cluster.Cluster;
import io.atelier.actors.api.OpenRun;
import io.atelier.actors.api.RunCommands;
import io.atelier.actors.guardian.Run;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.web.LivePage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one node of a cluster that leads the run: takes the run folder over and goes on from its last
 * checkpoint. A singleton; when its node dies, the next one does the same elsewhere.
 */
final class Lead extends AbstractBehavior<Lead.Command> {

  /** What the leader is told. */
  sealed interface Command {}

  /** Leave the lead to another node, at a step boundary. */
  enum Stop implements Command {
    INSTANCE
  }

  private record Ended(Optional<Throwable> failure, Optional<RunEnd> end) implements Command {}

  private static final Logger LOG = LoggerFactory.getLogger(Lead.class);

  private final ActorRef<NodeGuardian.Command> guardian;
  private final OpenRun open;
  private final ActorRef<RunCommand> run;
  private final LivePage page;

  /** Whether the run goes on elsewhere when it stops here. */
  private boolean handsOver;

  /** Whether the run goes on elsewhere because this process failed. */
  private final AtomicBoolean left = new AtomicBoolean();

  /** How the run ended, once it did. */
  private Optional<Ended> ended = Optional.empty();

  /** Whether the actors of the run have stopped: other nodes were told of its end by then. */
  private boolean stopped;

  private Lead(
      ActorContext<Command> context,
      ActorRef<NodeGuardian.Command> guardian,
      Supplier<OpenRun> opener,
      int pagePort) {
    super(context);
    this.guardian = guardian;
    this.open = opener.get();
    Standby standby = new Standby(Cluster.get(Adapter.toClassic(context.getSystem())));
    this.run =
        context.spawn(
            Run.create(
                open.setup(),
                trained -> {
                  left.set(standby.goesOn(trained, open.failedAt()));
                  return left.get();
                }),
            "run");
    context.watch(run);
    Duration patience = open.setup().ledger().limits().watchdog();
    context.spawn(
        RunWatch.create(run, patience, () -> guardian.tell(NodeGuardian.hung(patience))),
        "watch",
        DispatcherSelector.blocking());
    context.pipeToSelf(
        open.recorder().end(),
        (end, error) -> new Ended(Optional.ofNullable(error), Optional.ofNullable(end)));
    guardian.tell(new NodeGuardian.Leads(open.files().root()));
    this.page =
        LivePage.of(
            () -> pagePort,
            open.files(),
            new RunCommands(
                run,
                context.getSystem().scheduler(),
                open.recorder().end(),
                open.recorder().meters()),
            url -> {
              open.recorder().page(url);
              run.tell(new RunCommand.Page(url));
            },
            open.terminal());
  }

  /**
   * @param guardian told when this node leads, and when the run is over
   * @param opener takes the run folder over; called when this node is to lead
   * @param pagePort of the page that shows the run; 0 for any that is free, -1 for none
   * @param isOver whether this node was told that the run is over: its former leader has ended, and
   *     it does not go on
   */
  static Behavior<Command> create(
      ActorRef<NodeGuardian.Command> guardian,
      Supplier<OpenRun> opener,
      int pagePort,
      BooleanSupplier isOver) {
    return Behaviors.setup(
        context -> {
          if (isOver.getAsBoolean()) {
            return none();
          }
          try {
            return new Lead(context, guardian, opener, pagePort);
          } catch (RuntimeException e) {
            LOG.error("this node cannot lead the run", e);
            guardian.tell(new NodeGuardian.Over(Optional.of(e)));
            return none();
          }
        });
  }

  /** Idles until it is stopped; if it stopped itself, the singleton would be started again. */
  private static Behavior<Command> none() {
    return Behaviors.receive(Command.class)
        .onMessageEquals(Stop.INSTANCE, Behaviors::stopped)
        .build();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Stop.INSTANCE, this::onStop)
        .onMessage(Ended.class, this::onEnded)
        .onSignal(ChildFailed.class, this::onRunFailed)
        .onSignal(Terminated.class, signal -> onRunStopped())
        .build();
  }

  private Behavior<Command> onStop() {
    handsOver = true;
    run.tell(RunCommand.HandOver.INSTANCE);
    return this;
  }

  /** A run that fails still ends in order; this is an error in the run actor itself. */
  private Behavior<Command> onRunFailed(ChildFailed signal) {
    return end(new Ended(Optional.of(signal.getCause()), Optional.empty()));
  }

  private Behavior<Command> onRunStopped() {
    stopped = true;
    return ended.map(this::end).orElse(this);
  }

  private Behavior<Command> onEnded(Ended how) {
    ended = Optional.of(how);
    return stopped ? end(how) : this;
  }

  private Behavior<Command> end(Ended how) {
    page.close();
    open.close();
    Optional<RunEnd> early = how.end().filter(RunEnd::stopped);
    if (!handsOver) {
      early.ifPresent(
          end ->
              open.terminal()
                  .line(
                      "stopped after step %d; it goes on when the nodes are started again"
                          .formatted(end.steps())));
    }
    if (early.isEmpty() || !handsOver) {
      guardian.tell(
          new NodeGuardian.Over(
              left.get() ? how.failure().map(LeadFailedException::new) : how.failure()));
    }
    return Behaviors.stopped();
  }
}
