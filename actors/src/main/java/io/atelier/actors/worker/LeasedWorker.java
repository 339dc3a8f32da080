package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.ReceiveBuilder;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker of a conductor, whose ledger knows it by name and gives it orders: to load weights, and
 * to work on groups with those. When it ends, its host may start the next incarnation.
 */
abstract class LeasedWorker extends OrderedWorker {

  private static final Logger LOG = LoggerFactory.getLogger(LeasedWorker.class);

  /** Before weights that did not come are asked for again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Clock clock;
  private WorkerId id;
  private String hash = "";
  private long version;

  LeasedWorker(ActorContext<WorkerCommand> context, Clock clock, Orders orders) {
    super(context, orders);
    this.clock = clock;
  }

  /** Loads weights; returns what is held then. */
  abstract Held load(NamedTensors weights);

  @Override
  ReceiveBuilder<WorkerCommand> receive() {
    return super.receive()
        .onMessage(WorkerCommand.Join.class, this::onJoin)
        .onMessage(WorkerCommand.Load.class, this::onLoad)
        .onMessage(WorkerCommand.Revoke.class, this::onRevoke);
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

  // ---------------------------------------------------------------- answers

  /** Answers an order, which is done. */
  void answer(long order, Event event) {
    answer(order, named(event), () -> tell(event));
  }

  private void tell(Event event) {
    conductor().tell(new ConductorCommand.Happened(event));
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
    onceKept(
        order,
        result,
        () -> tell(new Event.NoRoom(id, order, bytes)),
        event -> answer(order, event));
  }

  @Override
  String name() {
    return id.toString();
  }

  // ---------------------------------------------------------------- messages

  private Behavior<WorkerCommand> onJoin(WorkerCommand.Join join) {
    id = join.id();
    join(join.conductor(), join.stream());
    join.host().tell(new HostCommand.Ready(id));
    return this;
  }

  private Behavior<WorkerCommand> onLoad(WorkerCommand.Load load) {
    if (begin(load.order())) {
      long asked = now();
      await(
          load.order(),
          stream().fetch(load.version()),
          weights -> loaded(load, asked, weights),
          cause -> missing(load, cause));
    }
    return this;
  }

  private void loaded(WorkerCommand.Load load, long asked, NamedTensors weights) {
    Held held = Guarded.call("loading the weights", () -> load(weights));
    hash = held.hash();
    version = load.version();
    Span span = new Span(asked, now());
    answer(load.order(), new Event.Loaded(id, load.order(), hash, held.changed(), span));
  }

  /** The conductor has them asked for again, and not at once. */
  private void missing(WorkerCommand.Load load, RuntimeException cause) {
    String reason = Failures.describe(cause);
    LOG.warn("{} did not get version {}: {}", id, load.version(), reason, cause);
    pause(
        load.order(),
        PAUSE,
        () -> answer(load.order(), new Event.NotLoaded(id, load.order(), reason)));
  }

  private Behavior<WorkerCommand> onRevoke(WorkerCommand.Revoke revoke) {
    if (!repeat(revoke.order())) {
      revoke(revoke.order());
      tell(new Event.Released(id, revoke.order()));
    }
    return this;
  }
}
