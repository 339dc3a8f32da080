package io.atelier.actors.pool;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.ReceiveBuilder;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.pool.WorkQueue.Lease;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actor around a {@link WorkQueue}: meets workers of any node, fetches what they make, and has
 * others do what is lost with them. What a piece of work is, and what becomes of its result, each
 * pool knows.
 */
abstract class WorkerPool extends AbstractBehavior<PoolCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

  final WorkQueue<ActorRef<WorkerCommand>> queue = new WorkQueue<>();
  private final String role;
  private final String work;
  private final BlobStore blobs;

  /**
   * @param role of the workers, for people
   * @param work what they wait for, for people
   * @param blobs where results come from
   */
  WorkerPool(ActorContext<PoolCommand> context, String role, String work, BlobStore blobs) {
    super(context);
    this.role = role;
    this.work = work;
    this.blobs = blobs;
  }

  /** Gives out what can be given. */
  abstract Behavior<PoolCommand> handOut();

  /** What a worker is told to do. */
  abstract WorkerCommand order(Lease<ActorRef<WorkerCommand>> lease);

  /** What a worker does, for people. */
  abstract String does(Lease<ActorRef<WorkerCommand>> lease);

  /** Work was not done; others may have it, unless it is dropped here. */
  abstract void notDone(Lease<ActorRef<WorkerCommand>> lease, String reason);

  /** Whether a worker that says that it is ready is to be given work. */
  boolean accepts(ActorRef<WorkerCommand> worker) {
    return true;
  }

  /** Handles what every pool is told. */
  ReceiveBuilder<PoolCommand> receive() {
    return newReceiveBuilder()
        .onMessage(PoolCommand.Ready.class, this::onReady)
        .onMessage(PoolCommand.NotDone.class, this::onNotDone)
        .onMessage(PoolCommand.Fetched.class, this::onFetched)
        .onMessage(PoolCommand.NotFetched.class, this::onNotFetched)
        .onMessage(PoolCommand.Gone.class, this::onGone)
        .onMessage(PoolCommand.Ask.class, this::onAsk);
  }

  /**
   * Gives a worker the first piece of work that nobody has, if there is one.
   *
   * @param end only those before this one
   */
  void give(ActorRef<WorkerCommand> worker, int end, long now) {
    queue.lease(worker, end, now).ifPresent(lease -> worker.tell(order(lease)));
  }

  private Behavior<PoolCommand> onReady(PoolCommand.Ready ready) {
    ActorRef<WorkerCommand> worker = ready.worker();
    if (!accepts(worker)) {
      return this;
    }
    if (queue.ready(worker)) {
      LOG.info("{} is there for the {} pool", worker.path(), role);
      getContext().watchWith(worker, new PoolCommand.Gone(worker));
    }
    // it does not know its order, or its answer is on the way or lost: it answers once more
    queue.held(worker).ifPresent(lease -> worker.tell(order(lease)));
    return handOut();
  }

  /**
   * Fetches what a worker has made, and has it released where it is.
   *
   * @param use called with the number of the piece of work, if its result is still wanted then
   */
  <T> Behavior<PoolCommand> fetch(
      PoolCommand.Answer answer, BlobKind<T> kind, BlobRef made, BiConsumer<Integer, T> use) {
    long order = answer.order();
    if (queue.isArriving(order)) {
      return this; // a duplicate
    }
    if (queue.answered(answer.worker(), order).isEmpty()) {
      LOG.debug("nobody wants what {} made by order {}", answer.worker().path(), order);
      blobs.release(made);
      return handOut();
    }
    getContext()
        .pipeToSelf(
            blobs.fetch(kind, made),
            (result, error) -> {
              blobs.release(made);
              return error == null
                  ? new PoolCommand.Fetched(order, work -> use.accept(work, result))
                  : new PoolCommand.NotFetched(order, Failures.unwrap(error));
            });
    return handOut();
  }

  private Behavior<PoolCommand> onFetched(PoolCommand.Fetched fetched) {
    queue.fetched(fetched.order()).ifPresent(lease -> fetched.use().of(lease.work()));
    return handOut();
  }

  private Behavior<PoolCommand> onNotFetched(PoolCommand.NotFetched failed) {
    notDone(
        queue.notFetched(failed.order()),
        "its result did not come: " + Failures.describe(failed.cause()));
    return handOut();
  }

  private Behavior<PoolCommand> onNotDone(PoolCommand.NotDone failed) {
    notDone(queue.failed(failed.worker(), failed.order()), failed.reason());
    return handOut();
  }

  private void notDone(Optional<Lease<ActorRef<WorkerCommand>>> lease, String reason) {
    lease.ifPresent(
        lost -> {
          LOG.warn("{} {}, but failed: {}", lost.worker().path(), does(lost), reason);
          notDone(lost, reason);
        });
  }

  private Behavior<PoolCommand> onGone(PoolCommand.Gone gone) {
    LOG.info("{} is gone", gone.worker().path());
    queue.gone(gone.worker());
    return handOut();
  }

  // ---------------------------------------------------------------- for people

  private Behavior<PoolCommand> onAsk(PoolCommand.Ask ask) {
    List<RunStatus.Helper> helpers = new ArrayList<>();
    queue.workers().forEach((worker, done) -> helpers.add(helper(worker, does(worker), done)));
    queue
        .dismissed()
        .forEach(w -> helpers.add(helper(w, "computes no more: it holds other weights", 0)));
    RunStatus status = ask.status().with(helpers);
    if (ask.others().isEmpty()) {
      ask.replyTo().tell(status);
    } else {
      List<ActorRef<PoolCommand>> others = ask.others().subList(1, ask.others().size());
      ask.others().get(0).tell(new PoolCommand.Ask(status, others, ask.replyTo()));
    }
    return this;
  }

  private RunStatus.Helper helper(ActorRef<WorkerCommand> worker, String does, long done) {
    return new RunStatus.Helper(role, Addresses.of(getContext(), worker), does, done);
  }

  private String does(ActorRef<WorkerCommand> worker) {
    return queue
        .held(worker)
        .map(this::does)
        .orElse(queue.idle().contains(worker) ? "waits for " + work : "is not ready");
  }
}
