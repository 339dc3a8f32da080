package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.ledger.Span;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.Held;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that carries out one order of a conductor at a time, with the weights it was told to
 * load. It runs on a thread of its own, which it blocks while it computes; an exception ends it,
 * and its host may start the next incarnation.
 *
 * @param <C> what the worker is told
 */
abstract class LeasedWorker<C> extends AbstractBehavior<C> {

  private static final Logger LOG = LoggerFactory.getLogger(LeasedWorker.class);

  /** Before weights that did not come are asked for again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /**
   * The conductor it works for, and its name there.
   *
   * @param stream where this conductor's weights come from
   */
  record Employer(
      WorkerId id, ActorRef<ConductorCommand> conductor, WeightStream<NamedTensors> stream) {}

  private final Clock clock;
  private final Orders orders = new Orders();
  private Employer employer;
  private String hash = "";

  LeasedWorker(ActorContext<C> context, Clock clock) {
    super(context);
    this.clock = clock;
  }

  void employ(Employer by) {
    employer = by;
  }

  WorkerId id() {
    return employer.id();
  }

  Orders orders() {
    return orders;
  }

  /** Content hash of the weights that are held. */
  String hash() {
    return hash;
  }

  long now() {
    return clock.nanos();
  }

  void answer(Event event) {
    employer.conductor().tell(new ConductorCommand.Happened(event));
  }

  /**
   * Asks for the weights of an order; the worker is told when they are here, or why they are not.
   */
  Behavior<C> fetch(
      long order,
      long version,
      Function<NamedTensors, C> arrived,
      Function<RuntimeException, C> notArrived) {
    if (orders.begin(order)) {
      getContext()
          .pipeToSelf(
              employer.stream().fetch(version),
              (weights, error) ->
                  error == null
                      ? arrived.apply(weights)
                      : notArrived.apply(Failures.unwrap(error)));
    }
    return this;
  }

  /**
   * The weights of an order have arrived and are loaded; answered with the hash of what is held.
   *
   * @param asked when they were asked for
   */
  void load(long order, long asked, String what, Supplier<Held> load) {
    Held held = Guarded.call(what, load);
    hash = held.hash();
    orders.done();
    answer(new Event.Loaded(id(), order, hash, held.changed(), new Span(asked, now())));
  }

  /** Lets go of an order. */
  Behavior<C> revoke(long order) {
    orders.revoke(order);
    answer(new Event.Released(id(), order));
    return this;
  }

  /**
   * Weights that do not come are asked for again, by the conductor and not at once.
   *
   * @param letGo what the worker is told then
   */
  Behavior<C> notArrived(RuntimeException cause, C letGo) {
    LOG.warn("{} did not get its weights", id(), cause);
    getContext().scheduleOnce(PAUSE, getContext().getSelf(), letGo);
    return this;
  }

  Behavior<C> letGo(long order) {
    if (orders.isCurrent(order)) {
      orders.done();
      answer(new Event.Released(id(), order));
    }
    return this;
  }
}
