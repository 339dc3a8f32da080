package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.ReceiveBuilder;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that carries out one order at a time. It runs on a thread of its own, which it blocks
 * while it computes, but not while it waits for weights or blobs: then another order may take the
 * place of the present one. An exception ends it.
 */
abstract class OrderedWorker extends AbstractBehavior<WorkerCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(OrderedWorker.class);

  /** Before a full store is tried again. */
  private static final Duration ROOM_PAUSE = Duration.ofMillis(250);

  private Orders orders;
  private ActorRef<ConductorCommand> conductor;
  private WeightStream<NamedTensors> stream;

  /** The order that was answered last, and what says so again. */
  private long answered;

  private Runnable answer = () -> {};

  OrderedWorker(ActorContext<WorkerCommand> context, Orders orders) {
    super(context);
    this.orders = orders;
  }

  /** Lets go of what it computes with. */
  abstract void close();

  /** Handles what every worker is told. */
  ReceiveBuilder<WorkerCommand> receive() {
    return newReceiveBuilder()
        .onMessage(WorkerCommand.Resume.class, this::onResume)
        .onSignal(PreRestart.class, this::onPreRestart)
        .onSignal(PostStop.class, this::onPostStop);
  }

  /** What this life still waits for is nothing that the next one has to do with. */
  private Behavior<WorkerCommand> onPreRestart(PreRestart signal) {
    forget();
    close();
    return this;
  }

  private Behavior<WorkerCommand> onPostStop(PostStop signal) {
    close();
    return this;
  }

  // ---------------------------------------------------------------- whom it works for

  void join(ActorRef<ConductorCommand> nextConductor, WeightStream<NamedTensors> nextStream) {
    conductor = nextConductor;
    stream = nextStream;
  }

  /** Whether it works for this conductor, with the weights of this stream. */
  boolean worksFor(ActorRef<ConductorCommand> other, WeightStream<NamedTensors> otherStream) {
    return other.equals(conductor) && otherStream.equals(stream);
  }

  /** Whether it works for anybody. */
  boolean isEmployed() {
    return conductor != null;
  }

  ActorRef<ConductorCommand> conductor() {
    return conductor;
  }

  /** Where the weights of its conductor come from. */
  WeightStream<NamedTensors> stream() {
    return stream;
  }

  // ---------------------------------------------------------------- orders

  /** Begins an order; returns false for one that is late or comes again, which is seen to. */
  boolean begin(long order) {
    if (orders.begin(order)) {
      return true;
    }
    repeat(order);
    return false;
  }

  /** Answers an order once more, if it is the last and was answered: the first answer was lost. */
  boolean repeat(long order) {
    boolean last = answered == order && !isWorking();
    if (last) {
      answer.run();
    }
    return last;
  }

  boolean isWorking() {
    return orders.progress().working();
  }

  void revoke(long order) {
    orders.revoke(order);
  }

  /** Drops all orders: numbers begin anew. */
  void forget() {
    orders = new Orders();
    answered = 0;
  }

  /**
   * Answers an order, which is done.
   *
   * @param blobs that the answer names
   * @param how tells whoever is to know
   */
  void answer(long order, List<BlobRef> blobs, Runnable how) {
    answered = order;
    answer = how;
    how.run();
    orders.done(blobs);
  }

  // ---------------------------------------------------------------- waiting

  /** What it is called in logs. */
  String name() {
    return getContext().getSelf().path().toString();
  }

  /**
   * Goes on with an order once what was made is kept: if the store is full, others have to let go
   * first. Fails if it can never fit.
   *
   * @param keep keeps it
   * @param full what is done each time that there is no room
   * @param then called with what {@code keep} returned
   */
  <T> void onceKept(long order, Supplier<T> keep, Runnable full, Consumer<T> then) {
    onceKept(order, keep, full, then, true);
  }

  private <T> void onceKept(
      long order, Supplier<T> keep, Runnable full, Consumer<T> then, boolean first) {
    T kept;
    try {
      kept = keep.get();
    } catch (BlobStoreFullException e) {
      if (!BlobStoreFullException.isForNow(e)) {
        throw e;
      }
      if (first) {
        LOG.warn("{} waits for room: {}", name(), e.getMessage());
      }
      full.run();
      pause(order, ROOM_PAUSE, () -> onceKept(order, keep, full, then, false));
      return;
    }
    then.accept(kept);
  }

  /**
   * Goes on with an order when something is here, unless the order has ended by then.
   *
   * @param arrived called with it, on this worker's thread
   * @param missing called with the reason why it does not come
   */
  <T> void await(
      long order,
      CompletionStage<T> what,
      Consumer<T> arrived,
      Consumer<RuntimeException> missing) {
    Orders mine = orders;
    getContext()
        .pipeToSelf(
            what,
            (value, error) ->
                resume(
                    mine,
                    order,
                    error == null
                        ? () -> arrived.accept(value)
                        : () -> missing.accept(Failures.unwrap(error))));
  }

  /** Goes on with an order after a pause, unless the order has ended by then. */
  void pause(long order, Duration pause, Runnable then) {
    getContext().scheduleOnce(pause, getContext().getSelf(), resume(orders, order, then));
  }

  /**
   * @param mine the orders that this one is of: it may be those of an earlier life, or of an
   *     earlier conductor, when it goes on
   */
  private WorkerCommand resume(Orders mine, long order, Runnable then) {
    return new WorkerCommand.Resume(
        () -> {
          if (mine == orders && orders.isCurrent(order)) {
            then.run();
          }
        });
  }

  private Behavior<WorkerCommand> onResume(WorkerCommand.Resume resume) {
    resume.then().run();
    return this;
  }
}
