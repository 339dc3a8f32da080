package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one node. Offers them to a conductor, sends it heartbeats, and replaces workers
 * that fail. Workers outlive a conductor and are handed to the next one.
 */
public final class Host extends AbstractBehavior<HostCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(Host.class);
  private final HostSetup setup;
  private final WorkerSlots slots;
  private final Helpers helpers;
  private Set<ActorRef<ConductorCommand>> found = Set.of();
  private Optional<Employment> employment = Optional.empty();

  /** Heartbeats so far: one that was overtaken by a later one is known by its number. */
  private long beats;

  private Host(
      ActorContext<HostCommand> context, TimerScheduler<HostCommand> timers, HostSetup setup) {
    super(context);
    this.setup = setup;
    this.slots = new WorkerSlots(context, setup, this::tell);
    this.helpers = new Helpers(context, setup);
    timers.startTimerWithFixedDelay(HostCommand.Beat.INSTANCE, setup.beat());
  }

  public static Behavior<HostCommand> create(HostSetup setup) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Host(context, timers, setup)));
  }

  @Override
  public Receive<HostCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(HostCommand.Found.class, this::onFound)
        .onMessage(HostCommand.Welcome.class, this::onWelcome)
        .onMessage(HostCommand.Refused.class, this::onRefused)
        .onMessage(HostCommand.Rejoin.class, this::onRejoin)
        .onMessage(HostCommand.Ready.class, this::onReady)
        .onMessage(HostCommand.Trained.class, this::onTrained)
        .onMessage(HostCommand.Replace.class, this::onReplace)
        .onMessage(HostCommand.Hangs.class, this::onHangs)
        .onMessage(HostCommand.RunOver.class, this::onRunOver)
        .onMessage(HostCommand.Drain.class, this::onDrain)
        .onMessage(HostCommand.SetAside.class, this::onSetAside)
        .onMessage(HostCommand.Ask.class, this::onAsk)
        .onMessageEquals(HostCommand.Leave.INSTANCE, this::onLeave)
        .onMessageEquals(HostCommand.Beat.INSTANCE, this::onBeat)
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(Terminated.class, this::onEnded)
        .build();
  }

  // ---------------------------------------------------------------- conductors

  private Behavior<HostCommand> onFound(HostCommand.Found message) {
    found = new HashSet<>(message.conductors());
    employment.ifPresent(e -> found.remove(e.conductor()));
    found.forEach(this::offer);
    return this;
  }

  private void offer(ActorRef<ConductorCommand> conductor) {
    conductor.tell(
        new ConductorCommand.NodeJoined(
            setup.transport().node(),
            List.copyOf(slots.roles()),
            setup.identity().brief(),
            setup.computing(),
            setup.transport().blobs().limit(),
            getContext().getSelf()));
  }

  private Behavior<HostCommand> onWelcome(HostCommand.Welcome welcome) {
    if (employment.filter(e -> e.epoch() >= welcome.epoch()).isPresent()) {
      return this; // a duplicate, or from an earlier conductor
    }
    LOG.info("working for the conductor of epoch {}", welcome.epoch());
    found.remove(welcome.conductor());
    employment.filter(e -> !isHere(e.publisher())).ifPresent(Employment::end);
    setup.transport().key(welcome.key());
    employment =
        Optional.of(
            new Employment(
                welcome.conductor(),
                welcome.epoch(),
                welcome.publisher(),
                setup.transport().follow(Weights.POLICY, welcome.epoch(), welcome.publisher()),
                setup.transport().follow(Weights.CRITIC, welcome.epoch(), welcome.publisher())));
    joinAnew(welcome.publisher());
    return this;
  }

  /** Drops what is held, which was made for another conductor; all workers join anew. */
  private void joinAnew(String publisher) {
    if (!isHere(publisher)) { // the conductor's own blobs are in the same store
      setup.transport().blobs().releaseAll();
    }
    slots.joinAnew(employment.orElseThrow());
    helpersJoin();
  }

  private Behavior<HostCommand> onRefused(HostCommand.Refused refused) {
    if (employment.isEmpty()) {
      setup.listener().onRefused(refused.reason());
    }
    return this;
  }

  private Behavior<HostCommand> onRejoin(HostCommand.Rejoin rejoin) {
    if (worksFor(rejoin.epoch())) {
      LOG.warn("this node was taken for lost; its workers join anew");
      employment.map(Employment::conductor).ifPresent(this::offer);
      joinAnew(employment.orElseThrow().publisher());
    }
    return this;
  }

  private Behavior<HostCommand> onReady(HostCommand.Ready ready) {
    slots.ready(ready.worker());
    beat();
    return this;
  }

  private void beat() {
    employment.ifPresent(
        e ->
            e.conductor()
                .tell(
                    new ConductorCommand.NodeBeat(
                        setup.transport().node(),
                        ++beats,
                        slots.seats(),
                        slots.left(),
                        getContext().getSelf())));
  }

  private Behavior<HostCommand> onTrained(HostCommand.Trained trained) {
    slots.trained();
    return this;
  }

  private Behavior<HostCommand> onBeat() {
    // repeats an offer that may have been lost
    found.forEach(this::offer);
    beat();
    helpersJoin();
    return this;
  }

  private Behavior<HostCommand> onRunOver(HostCommand.RunOver over) {
    if (worksFor(over.epoch())) {
      setup.listener().onOver(over.failure());
    }
    return this;
  }

  private Behavior<HostCommand> onDrain(HostCommand.Drain drain) {
    if (worksFor(drain.epoch())) {
      setup.listener().onDrain();
    }
    return this;
  }

  private Behavior<HostCommand> onSetAside(HostCommand.SetAside aside) {
    if (worksFor(aside.epoch())) {
      LOG.error("this node gets no more {} work: {}", aside.role(), aside.reason());
      slots.remove(aside.role());
      if (aside.leave()) {
        setup.listener().onSetAside(aside.reason());
      }
    }
    return this;
  }

  private Behavior<HostCommand> onAsk(HostCommand.Ask ask) {
    ask.replyTo().tell(new HostCommand.Duty(slots.count(), employment.map(Employment::conductor)));
    return this;
  }

  private Behavior<HostCommand> onLeave() {
    tell(new Event.NodeLost(setup.transport().node()));
    slots.stop();
    helpers.stop();
    HostCommand.Duty none = new HostCommand.Duty(slots.count(), Optional.empty());
    return Behaviors.receive(HostCommand.class)
        .onMessage(
            HostCommand.Ask.class,
            ask -> {
              ask.replyTo().tell(none);
              return Behaviors.same();
            })
        .onAnyMessage(message -> Behaviors.same())
        .build();
  }

  private boolean isHere(String node) {
    return node.equals(setup.transport().node());
  }

  private boolean worksFor(int epoch) {
    return employment.filter(e -> e.epoch() == epoch).isPresent();
  }

  private void tell(Event event) {
    employment.ifPresent(e -> e.conductor().tell(new ConductorCommand.Happened(event)));
  }

  private void helpersJoin() {
    employment.ifPresent(helpers::join);
  }

  private Behavior<HostCommand> onChildFailed(ChildFailed signal) {
    slots.failed(signal.getRef(), signal.getCause(), employment);
    slots.ended(signal.getRef(), employment);
    return this;
  }

  private Behavior<HostCommand> onReplace(HostCommand.Replace replace) {
    slots.replace(replace.worker(), replace.reason());
    return this;
  }

  private Behavior<HostCommand> onEnded(Terminated signal) {
    slots.ended(signal.getRef(), employment);
    return this;
  }

  private Behavior<HostCommand> onHangs(HostCommand.Hangs hangs) {
    slots.hangs(hangs.worker()).ifPresent(setup.listener()::onHung);
    return this;
  }
}
