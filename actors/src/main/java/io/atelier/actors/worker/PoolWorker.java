package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.ReceiveBuilder;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStoreFullException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A worker of a pool of the conductor's node. An order says which weights it needs. When it fails,
 * it tells the pool, and its parent may restart it.
 */
abstract class PoolWorker extends OrderedWorker {
  private final PoolCommand.Task task;

  PoolWorker(ActorContext<WorkerCommand> context, PoolCommand.Task task) {
    super(context, new Orders());
    this.task = task;
  }

  @Override
  ReceiveBuilder<WorkerCommand> receive() {
    return super.receive().onMessage(WorkerCommand.JoinPool.class, this::onJoin);
  }

  private Behavior<WorkerCommand> onJoin(WorkerCommand.JoinPool join) {
    if (!worksFor(join.conductor(), join.stream())) {
      forget(); // orders were of another conductor's pool
      join(join.conductor(), join.stream());
    }
    if (!isWorking()) {
      conductor().tell(new ConductorCommand.PoolWorkerReady(task, getContext().getSelf()));
    }
    return this;
  }

  /**
   * Carries out an order, unless this worker was restarted after it had said that it was ready: it
   * says so again, and then the order comes again.
   *
   * @param pool who gets the answer
   * @param inputs fetches what is needed
   * @param work computes with that
   * @param answer keeps what was computed, and names it
   */
  <T, R> Behavior<WorkerCommand> carryOut(
      WorkerCommand.Order order,
      ActorRef<PoolCommand> pool,
      Supplier<CompletionStage<T>> inputs,
      Function<T, R> work,
      Function<R, PoolCommand.Answer> answer) {
    if (isEmployed() && begin(order.order())) {
      await(
          order.order(),
          inputs.get(),
          input -> compute(order.order(), pool, () -> work.apply(input), answer),
          cause -> failed(order.order(), pool, cause));
    }
    return this;
  }

  private <R> void compute(
      long order,
      ActorRef<PoolCommand> pool,
      Supplier<R> work,
      Function<R, PoolCommand.Answer> answer) {
    R computed = orFail(order, pool, work);
    onceKept(
        order,
        () -> orFail(order, pool, () -> answer.apply(computed)),
        () -> {},
        made -> answer(order, List.of(), () -> pool.tell(made)));
  }

  /** The pool is told of an exception, but not of a store that is full for now. */
  private <T> T orFail(long order, ActorRef<PoolCommand> pool, Supplier<T> what) {
    try {
      return what.get();
    } catch (RuntimeException e) {
      if (!BlobStoreFullException.isForNow(e)) {
        failed(order, pool, e);
      }
      throw e;
    }
  }

  private void failed(long order, ActorRef<PoolCommand> pool, RuntimeException cause) {
    PoolCommand.NotDone failed =
        new PoolCommand.NotDone(order, getContext().getSelf(), Failures.describe(cause));
    answer(order, List.of(), () -> pool.tell(failed));
  }
}
