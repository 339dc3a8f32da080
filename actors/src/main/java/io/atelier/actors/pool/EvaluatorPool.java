package io.atelier.actors.pool;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.pool.WorkQueue.Lease;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one policy version at a time evaluated, by an evaluator of another node if there is one, else
 * by its own. An evaluation that is lost with a node is made again; one that fails is reported to
 * the ledger. An evaluator that is still busy when the next attempt is requested gets no work until
 * it is done.
 */
public final class EvaluatorPool extends WorkerPool {

  /**
   * What the pool works with.
   *
   * @param conductor whom it answers
   * @param policy where the versions come from
   * @param own an evaluator of its own, where there is no other
   * @param patience how long evaluators of other nodes may take to come when a run begins
   */
  public record Tools(
      ActorRef<ConductorCommand> conductor,
      WeightStream<NamedTensors> policy,
      BlobStore blobs,
      Behavior<WorkerCommand> own,
      Duration patience) {}

  /**
   * How many of its own evaluators may hang. Each keeps a model in memory, so no more are started.
   */
  private static final int LATE = 2;

  private static final Logger LOG = LoggerFactory.getLogger(EvaluatorPool.class);
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  private final Tools tools;

  /** The evaluation that is wanted; its step is the number of the piece of work. */
  private Optional<PoolCommand.Evaluate> request = Optional.empty();

  private Optional<ActorRef<WorkerCommand>> own = Optional.empty();
  private int ownStarted;
  private boolean patient;

  private EvaluatorPool(
      ActorContext<PoolCommand> context, TimerScheduler<PoolCommand> timers, Tools tools) {
    super(context, "evaluator", "an evaluation", tools.blobs());
    this.tools = tools;
    this.patient = !tools.patience().isZero();
    if (patient) {
      timers.startSingleTimer(PoolCommand.Waited.INSTANCE, tools.patience());
    }
  }

  public static Behavior<PoolCommand> create(Tools tools) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new EvaluatorPool(context, timers, tools)));
  }

  @Override
  public Receive<PoolCommand> createReceive() {
    return receive()
        .onMessage(PoolCommand.Evaluate.class, this::onEvaluate)
        .onMessage(PoolCommand.Evaluated.class, this::onEvaluated)
        .onMessageEquals(PoolCommand.Waited.INSTANCE, this::onWaited)
        .onSignal(ChildFailed.class, this::onOwnFailed)
        .onSignal(Terminated.class, this::onOwnEnded)
        .build();
  }

  private Behavior<PoolCommand> onEvaluate(PoolCommand.Evaluate next) {
    queue.takeBack(lease -> true);
    request.ifPresent(before -> queue.drop(before.step()));
    queue.add(next.step());
    request = Optional.of(next);
    return handOut();
  }

  private Behavior<PoolCommand> onWaited() {
    patient = false;
    return handOut();
  }

  @Override
  Behavior<PoolCommand> handOut() {
    if (queue.waits()) {
      queue.idle().stream()
          .filter(worker -> !isOwn(worker))
          .findFirst()
          .or(this::idleOwn)
          .ifPresent(worker -> give(worker, Integer.MAX_VALUE, 0));
    }
    return this;
  }

  /** Its own evaluator; another one if that does not come back. */
  private Optional<ActorRef<WorkerCommand>> idleOwn() {
    if (patient || own.filter(queue.idle()::contains).isPresent()) {
      return patient ? Optional.empty() : own;
    }
    own.ifPresent(getContext()::stop);
    own = Optional.empty();
    long notBack = queue.workers().keySet().stream().filter(this::isOwn).count();
    if (notBack >= LATE) {
      failed("%d evaluators of this node have not come back".formatted(notBack));
      return own;
    }
    ActorRef<WorkerCommand> evaluator =
        getContext().spawn(tools.own(), "own-" + ++ownStarted, COMPUTE);
    getContext().watch(evaluator);
    evaluator.tell(new WorkerCommand.JoinPool(tools.conductor(), tools.policy()));
    queue.ready(evaluator);
    own = Optional.of(evaluator);
    return own;
  }

  private boolean isOwn(ActorRef<WorkerCommand> evaluator) {
    return evaluator.path().parent().equals(getContext().getSelf().path());
  }

  /** Its own was given work when it was started. */
  @Override
  boolean accepts(ActorRef<WorkerCommand> evaluator) {
    return !isOwn(evaluator);
  }

  @Override
  WorkerCommand order(Lease<ActorRef<WorkerCommand>> lease) {
    return new WorkerCommand.Evaluate(
        lease.order(), lease.work(), request.orElseThrow().hash(), getContext().getSelf());
  }

  @Override
  String does(Lease<ActorRef<WorkerCommand>> lease) {
    return "evaluates step " + lease.work();
  }

  private Behavior<PoolCommand> onEvaluated(PoolCommand.Evaluated evaluated) {
    return fetch(evaluated, Blobs.EVALUATION, evaluated.report(), (step, made) -> done(made));
  }

  private void done(EvaluationReport report) {
    request = Optional.empty();
    tools.conductor().tell(new ConductorCommand.Evaluated(report));
  }

  @Override
  void notDone(Lease<ActorRef<WorkerCommand>> lease, String reason) {
    failed(
        isOwn(lease.worker())
            ? reason
            : "%s: %s".formatted(Addresses.of(getContext(), lease.worker()), reason));
  }

  /** Nobody works on it any more, until the ledger asks again. */
  private void failed(String reason) {
    PoolCommand.Evaluate failed = request.orElseThrow();
    queue.drop(failed.step());
    request = Optional.empty();
    tools
        .conductor()
        .tell(
            new ConductorCommand.Happened(
                new Event.NotEvaluated(failed.step(), failed.attempt(), reason)));
  }

  /** It may have failed before it could say so. */
  private Behavior<PoolCommand> onOwnFailed(ChildFailed signal) {
    RuntimeException cause = Failures.unwrap(signal.getCause());
    LOG.warn("an evaluation failed", cause);
    if (queue.held(signal.getRef().unsafeUpcast()).isPresent()) {
      failed(Failures.describe(cause));
    }
    return onOwnEnded(signal);
  }

  private Behavior<PoolCommand> onOwnEnded(Terminated signal) {
    queue.gone(signal.getRef().unsafeUpcast());
    own = own.filter(evaluator -> !signal.getRef().equals(evaluator));
    return handOut();
  }
}
