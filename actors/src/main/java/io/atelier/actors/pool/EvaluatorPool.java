package io.atelier.actors.pool;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.EvaluatorCommand;
import io.atelier.actors.protocol.EvaluatorPoolCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one policy version at a time evaluated, by an evaluator of another node if there is one, else
 * by its own. An evaluation that is lost with a node is made again; one that fails is reported to
 * the ledger. An evaluator that is still busy when the next attempt is requested gets no work until
 * it is done.
 */
public final class EvaluatorPool extends AbstractBehavior<EvaluatorPoolCommand> {

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
      Behavior<EvaluatorCommand> own,
      Duration patience) {}

  /**
   * @param evaluator who works on it; empty while somebody is looked for
   * @param arriving whether it is done, and its report on the way
   */
  private record Task(
      EvaluatorPoolCommand.Evaluate request,
      Optional<ActorRef<EvaluatorCommand>> evaluator,
      boolean arriving) {
    private boolean isAt(ActorRef<EvaluatorCommand> other) {
      return evaluator.equals(Optional.of(other));
    }

    private boolean isWith(int step, ActorRef<EvaluatorCommand> other) {
      return request.step() == step && isAt(other);
    }
  }

  /**
   * How many of its own evaluators may hang. Each keeps a model in memory, so no more are started.
   */
  private static final int LATE = 2;

  private static final Logger LOG = LoggerFactory.getLogger(EvaluatorPool.class);
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  private final Tools tools;

  /** Evaluators of other nodes, and how many evaluations each has done. */
  private final Map<ActorRef<EvaluatorCommand>, Long> others = new LinkedHashMap<>();

  private Optional<ActorRef<EvaluatorCommand>> own = Optional.empty();

  /** Who took too long and has not come back; its own ones end when they come back. */
  private final Set<ActorRef<EvaluatorCommand>> late = new HashSet<>();

  private Optional<Task> task = Optional.empty();
  private boolean patient;
  private long ownDone;
  private int ownStarted;

  private EvaluatorPool(
      ActorContext<EvaluatorPoolCommand> context,
      TimerScheduler<EvaluatorPoolCommand> timers,
      Tools tools) {
    super(context);
    this.tools = tools;
    this.patient = !tools.patience().isZero();
    if (patient) {
      timers.startSingleTimer(EvaluatorPoolCommand.Waited.INSTANCE, tools.patience());
    }
  }

  public static Behavior<EvaluatorPoolCommand> create(Tools tools) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new EvaluatorPool(context, timers, tools)));
  }

  @Override
  public Receive<EvaluatorPoolCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(EvaluatorPoolCommand.Evaluate.class, this::onEvaluate)
        .onMessage(EvaluatorPoolCommand.Ask.class, this::onAsk)
        .onMessage(EvaluatorPoolCommand.Ready.class, this::onReady)
        .onMessage(EvaluatorPoolCommand.Done.class, this::onDone)
        .onMessage(EvaluatorPoolCommand.NotDone.class, this::onNotDone)
        .onMessage(EvaluatorPoolCommand.Fetched.class, this::onFetched)
        .onMessage(EvaluatorPoolCommand.NotFetched.class, this::onNotFetched)
        .onMessage(EvaluatorPoolCommand.Gone.class, this::onGone)
        .onMessageEquals(EvaluatorPoolCommand.Waited.INSTANCE, this::onWaited)
        .onSignal(ChildFailed.class, this::onOwnFailed)
        .onSignal(Terminated.class, this::onOwnEnded)
        .build();
  }

  private Behavior<EvaluatorPoolCommand> onEvaluate(EvaluatorPoolCommand.Evaluate request) {
    task.flatMap(Task::evaluator).ifPresent(this::tookTooLong);
    return findEvaluator(request);
  }

  /** It gets no more work until it says that it has nothing to do; its own is replaced. */
  private void tookTooLong(ActorRef<EvaluatorCommand> evaluator) {
    others.remove(evaluator);
    late.add(evaluator);
    if (own.equals(Optional.of(evaluator))) {
      own = Optional.empty();
      getContext().stop(evaluator);
    }
  }

  private Behavior<EvaluatorPoolCommand> findEvaluator(EvaluatorPoolCommand.Evaluate request) {
    task = Optional.of(new Task(request, Optional.empty(), false));
    if (!others.isEmpty()) {
      give(others.keySet().iterator().next());
    } else if (!patient) {
      giveOwn();
    }
    return this;
  }

  private void give(ActorRef<EvaluatorCommand> evaluator) {
    EvaluatorPoolCommand.Evaluate request = task.orElseThrow().request();
    task = Optional.of(new Task(request, Optional.of(evaluator), false));
    evaluator.tell(
        new EvaluatorCommand.Evaluate(request.step(), request.hash(), getContext().getSelf()));
  }

  private void giveOwn() {
    long notBack = late.stream().filter(this::isOwn).count();
    if (own.isEmpty() && notBack >= LATE) {
      failed("%d evaluators of this node have not come back".formatted(notBack));
      return;
    }
    if (own.isEmpty()) {
      ActorRef<EvaluatorCommand> evaluator =
          getContext().spawn(tools.own(), "own-" + ++ownStarted, COMPUTE);
      getContext().watch(evaluator);
      own = Optional.of(evaluator);
    }
    own.get().tell(new EvaluatorCommand.Join(tools.conductor(), tools.policy()));
    give(own.get());
  }

  private Behavior<EvaluatorPoolCommand> onWaited() {
    patient = false;
    if (task.filter(t -> t.evaluator().isEmpty()).isPresent()) {
      giveOwn();
    }
    return this;
  }

  private Behavior<EvaluatorPoolCommand> onReady(EvaluatorPoolCommand.Ready ready) {
    ActorRef<EvaluatorCommand> evaluator = ready.evaluator();
    if (isOwn(evaluator)) {
      return this; // it has arrived already
    }
    late.remove(evaluator);
    if (others.putIfAbsent(evaluator, 0L) == null) {
      LOG.info("{} evaluates", evaluator.path());
      getContext().watchWith(evaluator, new EvaluatorPoolCommand.Gone(evaluator));
    }
    boolean lostOnTheWay = task.filter(t -> t.isAt(evaluator) && !t.arriving()).isPresent();
    if (lostOnTheWay || task.filter(t -> t.evaluator().isEmpty()).isPresent()) {
      give(evaluator);
    }
    return this;
  }

  private Behavior<EvaluatorPoolCommand> onDone(EvaluatorPoolCommand.Done done) {
    if (task.filter(t -> t.arriving() && t.isWith(done.step(), done.evaluator())).isPresent()) {
      return this; // a duplicate; its report is being fetched
    }
    Optional<Task> wanted = task.filter(t -> isWanted(t, done));
    if (wanted.isEmpty()) {
      tools.blobs().release(done.report()); // a duplicate, or no longer wanted
      return this;
    }
    task = Optional.of(new Task(wanted.get().request(), Optional.of(done.evaluator()), true));
    getContext()
        .pipeToSelf(
            tools.blobs().fetch(Blobs.EVALUATION, done.report()),
            (report, error) -> {
              tools.blobs().release(done.report());
              return error == null
                  ? new EvaluatorPoolCommand.Fetched(done.step(), report)
                  : new EvaluatorPoolCommand.NotFetched(done.step(), Failures.unwrap(error));
            });
    return this;
  }

  /** The outcome of who took too long is as good, even if somebody else is at it by now. */
  private boolean isWanted(Task now, EvaluatorPoolCommand.Done done) {
    boolean expected = now.isAt(done.evaluator()) || late.contains(done.evaluator());
    return now.request().step() == done.step() && expected && !now.arriving();
  }

  private boolean isOwn(ActorRef<EvaluatorCommand> evaluator) {
    return evaluator.path().parent().equals(getContext().getSelf().path());
  }

  private Behavior<EvaluatorPoolCommand> onFetched(EvaluatorPoolCommand.Fetched fetched) {
    if (task.filter(t -> t.request().step() == fetched.step()).isPresent()) {
      task.flatMap(Task::evaluator)
          .ifPresent(
              e -> {
                others.computeIfPresent(e, (evaluator, done) -> done + 1);
                ownDone += own.equals(Optional.of(e)) ? 1 : 0;
              });
      task = Optional.empty();
      tools.conductor().tell(new ConductorCommand.Evaluated(fetched.report()));
    }
    return this;
  }

  private Behavior<EvaluatorPoolCommand> onNotFetched(EvaluatorPoolCommand.NotFetched failed) {
    if (task.filter(t -> t.request().step() == failed.step()).isPresent()) {
      LOG.warn("the evaluation at step {} did not come", failed.step(), failed.cause());
      failed("its report did not come: " + Failures.describe(failed.cause()));
    }
    return this;
  }

  private Behavior<EvaluatorPoolCommand> onNotDone(EvaluatorPoolCommand.NotDone failed) {
    // a failure of its own evaluator is reported by the signal of the failed child
    if (task.filter(t -> t.isWith(failed.step(), failed.evaluator())).isPresent()
        && !own.equals(Optional.of(failed.evaluator()))) {
      others.remove(failed.evaluator()); // others get work before it once it is ready again
      failed("%s: %s".formatted(Addresses.of(getContext(), failed.evaluator()), failed.reason()));
    }
    return this;
  }

  /** Nobody works on it any more, until the ledger asks again. */
  private void failed(String reason) {
    EvaluatorPoolCommand.Evaluate request = task.orElseThrow().request();
    task = Optional.empty();
    tools
        .conductor()
        .tell(
            new ConductorCommand.Happened(
                new Event.NotEvaluated(request.step(), request.attempt(), reason)));
  }

  private Behavior<EvaluatorPoolCommand> onAsk(EvaluatorPoolCommand.Ask ask) {
    List<RunStatus.Helper> helpers = new ArrayList<>();
    others.forEach((evaluator, done) -> helpers.add(helper(evaluator, done)));
    own.ifPresent(evaluator -> helpers.add(helper(evaluator, ownDone)));
    ask.replyTo().tell(ask.status().with(helpers));
    return this;
  }

  private RunStatus.Helper helper(ActorRef<EvaluatorCommand> evaluator, long done) {
    String does =
        task.filter(t -> t.evaluator().equals(Optional.of(evaluator)))
            .map(t -> "evaluates step " + t.request().step())
            .orElse("waits for an evaluation");
    return new RunStatus.Helper("evaluator", Addresses.of(getContext(), evaluator), does, done);
  }

  private Behavior<EvaluatorPoolCommand> onGone(EvaluatorPoolCommand.Gone gone) {
    LOG.info("{} is gone", gone.evaluator().path());
    others.remove(gone.evaluator());
    late.remove(gone.evaluator());
    return task.filter(t -> t.evaluator().equals(Optional.of(gone.evaluator())))
        .map(t -> findEvaluator(t.request()))
        .orElse(this);
  }

  private Behavior<EvaluatorPoolCommand> onOwnFailed(ChildFailed signal) {
    RuntimeException cause = Failures.unwrap(signal.getCause());
    LOG.warn("an evaluation failed", cause);
    boolean atWork = own.filter(e -> task.filter(t -> t.isAt(e)).isPresent()).isPresent();
    boolean current = own.filter(signal.getRef()::equals).isPresent();
    onOwnEnded(signal);
    if (current && atWork) {
      failed(Failures.describe(cause));
    }
    return this;
  }

  private Behavior<EvaluatorPoolCommand> onOwnEnded(Terminated signal) {
    late.removeIf(signal.getRef()::equals);
    own = own.filter(e -> !signal.getRef().equals(e));
    return this;
  }
}
