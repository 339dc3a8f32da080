package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.ReceiveBuilder;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that carries out one order of a conductor at a time, with the weights it was told to
 * load. It runs on a thread of its own, which it blocks while it computes; an exception ends it,
 * and its host may start the next incarnation.
 */
abstract class LeasedWorker extends AbstractBehavior<WorkerCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(LeasedWorker.class);

  /** Before weights that did not come are asked for again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Before a full store is tried again. */
  private static final Duration ROOM_PAUSE = Duration.ofMillis(250);

  private final Clock clock;
  private final Orders orders;
  private WorkerId id;
  private ActorRef<ConductorCommand> conductor;
  private WeightStream<NamedTensors> stream;
  private String hash = "";
  private long version;

  /** The last answer, and the order that it answers. */
  private long answered;

  private Event answer;

  /** Whether a result waits for room. */
  private boolean waits;

  LeasedWorker(ActorContext<WorkerCommand> context, Clock clock, Orders orders) {
    super(context);
    this.clock = clock;
    this.orders = orders;
  }

  /** Loads weights; returns what is held then. */
  abstract Held load(NamedTensors weights);

  /** Lets go of what it computes with. */
  abstract void close();

  /** Handles what every worker is told. */
  ReceiveBuilder<WorkerCommand> receive() {
    return newReceiveBuilder()
        .onMessage(WorkerCommand.Join.class, this::onJoin)
        .onMessage(WorkerCommand.Load.class, this::onLoad)
        .onMessage(WorkerCommand.Arrived.class, this::onArrived)
        .onMessage(WorkerCommand.NotArrived.class, this::onNotArrived)
        .onMessage(WorkerCommand.NotLoaded.class, this::onNotLoaded)
        .onMessage(WorkerCommand.KeepAgain.class, this::onKeepAgain)
        .onMessage(WorkerCommand.Revoke.class, this::onRevoke)
        .onSignal(PostStop.class, this::onPostStop);
  }

  WorkerId id() {
    return id;
  }

  /** Content hash of the weights that are held. */
  String hash() {
    return hash;
  }

  /** The version of the weights that are held. */
  long version() {
    return version;
  }

  long now() {
    return clock.nanos();
  }

  // ---------------------------------------------------------------- orders

  /** Begins an order; returns false for one that is late or comes again, which is seen to. */
  boolean begin(long order) {
    if (orders.begin(order)) {
      return true;
    }
    if (answered == order && !orders.progress().working()) {
      conductor.tell(new ConductorCommand.Happened(answer)); // the first answer was lost
    }
    return false;
  }

  boolean isCurrent(long order) {
    return orders.isCurrent(order);
  }

  /** Answers an order, which is done. */
  void answer(long order, Event event) {
    answered = order;
    answer = event;
    conductor.tell(new ConductorCommand.Happened(event));
    orders.done(named(event));
  }

  private static List<BlobRef> named(Event answer) {
    if (answer instanceof Event.Generated generated) {
      return List.of(generated.images(), generated.trajectory());
    }
    return answer instanceof Event.Scored scored ? scored.features().stream().toList() : List.of();
  }

  /**
   * Answers an order once what was made is kept: if the store is full, others have to be trained
   * first. Fails if it can never fit.
   *
   * @param bytes of what was made
   * @param result keeps it
   */
  void answerOnceKept(long order, long bytes, Supplier<Event> result) {
    try {
      Event event = result.get();
      waits = false;
      answer(order, event);
    } catch (BlobStoreFullException e) {
      if (e.isHopeless()) {
        throw e;
      }
      if (!waits) {
        waits = true;
        LOG.warn("{} waits for room: {}", id, e.getMessage());
      }
      conductor.tell(new ConductorCommand.Happened(new Event.NoRoom(id, order, bytes)));
      getContext()
          .scheduleOnce(
              ROOM_PAUSE,
              getContext().getSelf(),
              new WorkerCommand.KeepAgain(order, bytes, result));
    }
  }

  private Behavior<WorkerCommand> onKeepAgain(WorkerCommand.KeepAgain again) {
    if (isCurrent(again.order())) {
      answerOnceKept(again.order(), again.bytes(), again.result());
    } else {
      waits = false;
    }
    return this;
  }

  // ---------------------------------------------------------------- messages

  private Behavior<WorkerCommand> onJoin(WorkerCommand.Join join) {
    id = join.id();
    conductor = join.conductor();
    stream = join.stream();
    join.host().tell(new HostCommand.Ready(id));
    return this;
  }

  private Behavior<WorkerCommand> onLoad(WorkerCommand.Load load) {
    if (begin(load.order())) {
      long asked = now();
      getContext()
          .pipeToSelf(
              stream.fetch(load.version()),
              (weights, error) ->
                  error == null
                      ? new WorkerCommand.Arrived(load, asked, weights)
                      : new WorkerCommand.NotArrived(load, Failures.unwrap(error)));
    }
    return this;
  }

  private Behavior<WorkerCommand> onArrived(WorkerCommand.Arrived arrived) {
    WorkerCommand.Load load = arrived.order();
    if (isCurrent(load.order())) {
      Held held = Guarded.call("loading the weights", () -> load(arrived.weights()));
      hash = held.hash();
      version = load.version();
      Span span = new Span(arrived.asked(), now());
      answer(load.order(), new Event.Loaded(id, load.order(), hash, held.changed(), span));
    }
    return this;
  }

  /** The conductor has them asked for again, and not at once. */
  private Behavior<WorkerCommand> onNotArrived(WorkerCommand.NotArrived missing) {
    String reason = Failures.describe(missing.cause());
    LOG.warn(
        "{} did not get version {}: {}", id, missing.order().version(), reason, missing.cause());
    getContext()
        .scheduleOnce(
            PAUSE, getContext().getSelf(), new WorkerCommand.NotLoaded(missing.order(), reason));
    return this;
  }

  private Behavior<WorkerCommand> onNotLoaded(WorkerCommand.NotLoaded missing) {
    long order = missing.order().order();
    if (isCurrent(order)) {
      answer(order, new Event.NotLoaded(id, order, missing.reason()));
    }
    return this;
  }

  private Behavior<WorkerCommand> onRevoke(WorkerCommand.Revoke revoke) {
    long order = revoke.order();
    if (answered == order && !orders.progress().working()) {
      conductor.tell(new ConductorCommand.Happened(answer));
      return this;
    }
    orders.revoke(order);
    conductor.tell(new ConductorCommand.Happened(new Event.Released(id, order)));
    return this;
  }

  private Behavior<WorkerCommand> onPostStop(PostStop signal) {
    close();
    return this;
  }
}
