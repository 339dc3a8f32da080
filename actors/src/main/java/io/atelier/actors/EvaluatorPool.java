package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one policy version at a time evaluated: by an evaluator of another node if there is one, else
 * by its own. What is lost with a node is done again; if its own evaluator fails, it fails with
 * that.
 */
public final class EvaluatorPool extends AbstractBehavior<EvaluatorPool.Command> {

  /** What the pool is told. */
  public sealed interface Command {}

  /** Have the policy version that {@code step} updates made evaluated. */
  record Evaluate(int step, String hash) implements Command {}

  /** How are the evaluators? To be added to the status, which is told then. */
  record Ask(RunStatus status, ActorRef<RunStatus> replyTo) implements Command {}

  /** An evaluator of another node is there and has nothing to do; said again and again. */
  record Ready(ActorRef<Evaluator.Command> evaluator) implements Command {}

  /**
   * An evaluation is done.
   *
   * @param report to be released once it is fetched
   */
  public record Done(int step, ActorRef<Evaluator.Command> evaluator, BlobRef report)
      implements Command, WireMessage {}

  /** An evaluator cannot evaluate a version. */
  public record NotDone(int step, ActorRef<Evaluator.Command> evaluator, String reason)
      implements Command, WireMessage {}

  private record Fetched(int step, EvaluationReport report) implements Command {}

  private record NotFetched(int step, RuntimeException cause) implements Command {}

  private record Gone(ActorRef<Evaluator.Command> evaluator) implements Command {}

  private enum Waited implements Command {
    INSTANCE
  }

  /**
   * What the pool works with.
   *
   * @param conductor whom it answers
   * @param policy where the versions come from
   * @param evaluation maker of its own evaluator's compute object
   * @param patience how long evaluators of other nodes may take to come when a run begins
   */
  record Tools(
      ActorRef<Conductor.Command> conductor,
      WeightStream<NamedTensors> policy,
      BlobStore blobs,
      Supplier<Evaluation> evaluation,
      Clock clock,
      Duration patience) {}

  private record Task(Evaluate request, Optional<ActorRef<Evaluator.Command>> evaluator) {
    private boolean isWith(int step, ActorRef<Evaluator.Command> other) {
      return request.step() == step && evaluator.equals(Optional.of(other));
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(EvaluatorPool.class);
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  private final Tools tools;

  /** Evaluators of other nodes, and how many evaluations each has done. */
  private final Map<ActorRef<Evaluator.Command>, Long> others = new LinkedHashMap<>();

  private Optional<ActorRef<Evaluator.Command>> own = Optional.empty();
  private Optional<Task> task = Optional.empty();
  private boolean patient;
  private long ownDone;

  private EvaluatorPool(
      ActorContext<Command> context, TimerScheduler<Command> timers, Tools tools) {
    super(context);
    this.tools = tools;
    this.patient = !tools.patience().isZero();
    if (patient) {
      timers.startSingleTimer(Waited.INSTANCE, tools.patience());
    }
  }

  static Behavior<Command> create(Tools tools) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new EvaluatorPool(context, timers, tools)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Evaluate.class, this::onEvaluate)
        .onMessage(Ask.class, this::onAsk)
        .onMessage(Ready.class, this::onReady)
        .onMessage(Done.class, this::onDone)
        .onMessage(NotDone.class, this::onNotDone)
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(NotFetched.class, this::onNotFetched)
        .onMessage(Gone.class, this::onGone)
        .onMessageEquals(Waited.INSTANCE, this::onWaited)
        .onSignal(ChildFailed.class, this::onOwnFailed)
        .build();
  }

  private Behavior<Command> onEvaluate(Evaluate request) {
    return findEvaluator(request);
  }

  private Behavior<Command> findEvaluator(Evaluate request) {
    task = Optional.of(new Task(request, Optional.empty()));
    if (!others.isEmpty()) {
      give(others.keySet().iterator().next());
    } else if (!patient) {
      giveOwn();
    }
    return this;
  }

  private void give(ActorRef<Evaluator.Command> evaluator) {
    Evaluate request = task.orElseThrow().request();
    task = Optional.of(new Task(request, Optional.of(evaluator)));
    evaluator.tell(new Evaluator.Evaluate(request.step(), request.hash(), getContext().getSelf()));
  }

  private void giveOwn() {
    if (own.isEmpty()) {
      ActorRef<Evaluator.Command> evaluator =
          getContext()
              .spawn(
                  Evaluator.create(
                      new Evaluator.Tools(tools.blobs(), tools.evaluation(), tools.clock())),
                  "own",
                  COMPUTE);
      getContext().watch(evaluator);
      own = Optional.of(evaluator);
    }
    own.get().tell(new Evaluator.Join(tools.conductor(), tools.policy()));
    give(own.get());
  }

  private Behavior<Command> onWaited() {
    patient = false;
    if (task.filter(t -> t.evaluator().isEmpty()).isPresent()) {
      giveOwn();
    }
    return this;
  }

  private Behavior<Command> onReady(Ready ready) {
    ActorRef<Evaluator.Command> evaluator = ready.evaluator();
    if (own.equals(Optional.of(evaluator))) {
      return this; // it is here anyway
    }
    if (others.putIfAbsent(evaluator, 0L) == null) {
      LOG.info("{} evaluates", evaluator.path());
      getContext().watchWith(evaluator, new Gone(evaluator));
    }
    if (task.filter(t -> t.evaluator().isEmpty()).isPresent()) {
      give(evaluator);
    }
    return this;
  }

  private Behavior<Command> onDone(Done done) {
    if (task.filter(t -> t.isWith(done.step(), done.evaluator())).isEmpty()) {
      tools.blobs().release(done.report()); // somebody else has it by now
      return this;
    }
    getContext()
        .pipeToSelf(
            tools.blobs().fetch(Blobs.EVALUATION, done.report()),
            (report, error) -> {
              tools.blobs().release(done.report());
              return error == null
                  ? new Fetched(done.step(), report)
                  : new NotFetched(done.step(), Failures.unwrap(error));
            });
    return this;
  }

  private Behavior<Command> onFetched(Fetched fetched) {
    if (task.filter(t -> t.request().step() == fetched.step()).isPresent()) {
      task.flatMap(Task::evaluator)
          .ifPresent(
              e -> {
                others.computeIfPresent(e, (evaluator, done) -> done + 1);
                ownDone += own.equals(Optional.of(e)) ? 1 : 0;
              });
      task = Optional.empty();
      tools.conductor().tell(new Conductor.Evaluated(fetched.report()));
    }
    return this;
  }

  private Behavior<Command> onNotFetched(NotFetched failed) {
    if (task.filter(t -> t.request().step() == failed.step()).isPresent()) {
      LOG.warn("the evaluation at step {} did not come", failed.step(), failed.cause());
      giveOwn();
    }
    return this;
  }

  private Behavior<Command> onNotDone(NotDone failed) {
    // If its own fails, it is about to say so as a failed child does.
    if (task.filter(t -> t.isWith(failed.step(), failed.evaluator())).isPresent()
        && !own.equals(Optional.of(failed.evaluator()))) {
      LOG.warn(
          "{} cannot evaluate step {}: {}",
          failed.evaluator().path(),
          failed.step(),
          failed.reason());
      giveOwn();
    }
    return this;
  }

  private Behavior<Command> onAsk(Ask ask) {
    List<RunStatus.Helper> helpers = new ArrayList<>();
    others.forEach((evaluator, done) -> helpers.add(helper(evaluator, done)));
    own.ifPresent(evaluator -> helpers.add(helper(evaluator, ownDone)));
    ask.replyTo().tell(ask.status().with(helpers));
    return this;
  }

  private RunStatus.Helper helper(ActorRef<Evaluator.Command> evaluator, long done) {
    String does =
        task.filter(t -> t.evaluator().equals(Optional.of(evaluator)))
            .map(t -> "evaluates step " + t.request().step())
            .orElse("waits for an evaluation");
    return new RunStatus.Helper("evaluator", Addresses.of(getContext(), evaluator), does, done);
  }

  private Behavior<Command> onGone(Gone gone) {
    LOG.info("{} is gone", gone.evaluator().path());
    others.remove(gone.evaluator());
    return task.filter(t -> t.evaluator().equals(Optional.of(gone.evaluator())))
        .map(t -> findEvaluator(t.request()))
        .orElse(this);
  }

  private Behavior<Command> onOwnFailed(ChildFailed signal) {
    throw Failures.unwrap(signal.getCause());
  }
}
