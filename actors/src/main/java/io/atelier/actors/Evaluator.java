package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Measures policy versions aside from the steps. Runs on a thread of its own, which it blocks while
 * it computes; an exception ends it, and whoever started it may start it again.
 */
public final class Evaluator extends AbstractBehavior<Evaluator.Command> {

  /** What an evaluator is told. */
  public sealed interface Command {}

  /**
   * Evaluate the policy version that {@code step} updates made.
   *
   * @param pool who wants it
   */
  public record Evaluate(int step, String hash, ActorRef<EvaluatorPool.Command> pool)
      implements Command, WireMessage {}

  /**
   * Work for a conductor; said again and again, and answered with a sign of readiness.
   *
   * @param policy where this conductor's versions come from
   */
  public record Join(ActorRef<Conductor.Command> conductor, WeightStream<NamedTensors> policy)
      implements Command {}

  private record Arrived(Evaluate request, NamedTensors weights) implements Command {}

  private record Finished(Evaluate request, EvaluatorPool.Done answer) {}

  private record NotArrived(Evaluate request, RuntimeException cause) implements Command {}

  /**
   * What an evaluator works with.
   *
   * @param blobs where reports are kept until they are fetched
   * @param evaluation maker of the compute object, called on the evaluator's thread when it is
   *     needed
   */
  public record Tools(BlobStore blobs, Supplier<Evaluation> evaluation, Clock clock) {}

  private final Tools tools;
  private Optional<Join> employer = Optional.empty();
  private Optional<Evaluate> current = Optional.empty();

  /** The last that was done, and the answer. */
  private Optional<Finished> finished = Optional.empty();

  private Optional<Evaluation> evaluation = Optional.empty();

  private Evaluator(ActorContext<Command> context, Tools tools) {
    super(context);
    this.tools = tools;
  }

  /** An evaluator that waits for somebody to work for. */
  public static Behavior<Command> create(Tools tools) {
    return Behaviors.setup(context -> new Evaluator(context, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(Evaluate.class, this::onEvaluate)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(NotArrived.class, this::onNotArrived)
        .onSignal(PreRestart.class, signal -> close())
        .onSignal(PostStop.class, signal -> close())
        .build();
  }

  private Behavior<Command> onJoin(Join join) {
    if (!employer.equals(Optional.of(join))) {
      employer = Optional.of(join);
      current = Optional.empty(); // it was for somebody else
      finished = Optional.empty();
    }
    if (current.isEmpty()) {
      join.conductor().tell(new Conductor.EvaluatorReady(getContext().getSelf()));
    }
    return this;
  }

  private Behavior<Command> onEvaluate(Evaluate request) {
    if (employer.isEmpty()) {
      notDone(request, "it was started again");
      return this;
    }
    if (current.equals(Optional.of(request))) {
      return this; // said twice
    }
    Optional<Finished> before = finished.filter(f -> f.request().equals(request));
    if (before.isPresent()) {
      request.pool().tell(before.get().answer()); // the first answer was lost on the way
      return this;
    }
    current = Optional.of(request);
    getContext()
        .pipeToSelf(
            employer.get().policy().fetch(request.step()),
            (weights, error) ->
                error == null
                    ? new Arrived(request, weights)
                    : new NotArrived(request, Failures.unwrap(error)));
    return this;
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    Evaluate request = arrived.request();
    if (!current.equals(Optional.of(request))) {
      return this;
    }
    try {
      BlobRef report = tools.blobs().put(Blobs.EVALUATION, evaluate(request, arrived.weights()));
      EvaluatorPool.Done done =
          new EvaluatorPool.Done(request.step(), getContext().getSelf(), report);
      finished = Optional.of(new Finished(request, done));
      request.pool().tell(done);
    } catch (RuntimeException e) {
      notDone(request, Failures.describe(e));
      throw e;
    }
    current = Optional.empty();
    return this;
  }

  private EvaluationReport evaluate(Evaluate request, NamedTensors weights) {
    if (evaluation.isEmpty()) {
      evaluation = Optional.of(Guarded.call("creating the evaluation", tools.evaluation()));
    }
    long start = tools.clock().nanos();
    Evaluation.Result result =
        Guarded.call("evaluating", () -> evaluation.get().evaluate(request.step(), weights));
    double seconds = (tools.clock().nanos() - start) / 1e9;
    return new EvaluationReport(request.step(), request.hash(), result, seconds);
  }

  private Behavior<Command> onNotArrived(NotArrived failed) {
    if (!current.equals(Optional.of(failed.request()))) {
      return this;
    }
    notDone(failed.request(), Failures.describe(failed.cause()));
    throw failed.cause();
  }

  private void notDone(Evaluate request, String reason) {
    request.pool().tell(new EvaluatorPool.NotDone(request.step(), getContext().getSelf(), reason));
  }

  private Behavior<Command> close() {
    evaluation.ifPresent(Evaluation::close);
    return this;
  }
}
