package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.EvaluatorCommand;
import io.atelier.actors.protocol.EvaluatorPoolCommand;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.transport.BlobStore;
import io.atelier.models.state.NamedTensors;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Evaluates policy versions while training goes on. Runs on a thread of its own, which it blocks
 * while it computes; an exception ends it, and its parent may restart it.
 */
public final class Evaluator extends AbstractBehavior<EvaluatorCommand> {

  private record Finished(EvaluatorCommand.Evaluate request, EvaluatorPoolCommand.Done answer) {}

  /**
   * What an evaluator works with.
   *
   * @param blobs where reports are kept until they are fetched
   * @param evaluation maker of the compute object, called on the evaluator's thread when it is
   *     needed
   */
  public record Tools(BlobStore blobs, Supplier<Evaluation> evaluation, Clock clock) {}

  private final Tools tools;
  private Optional<EvaluatorCommand.Join> employer = Optional.empty();
  private Optional<EvaluatorCommand.Evaluate> current = Optional.empty();

  /** The last that was done, and the answer. */
  private Optional<Finished> finished = Optional.empty();

  private Optional<Evaluation> evaluation = Optional.empty();

  private Evaluator(ActorContext<EvaluatorCommand> context, Tools tools) {
    super(context);
    this.tools = tools;
  }

  /** An evaluator that waits for somebody to work for. */
  public static Behavior<EvaluatorCommand> create(Tools tools) {
    return Behaviors.setup(context -> new Evaluator(context, tools));
  }

  @Override
  public Receive<EvaluatorCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(EvaluatorCommand.Join.class, this::onJoin)
        .onMessage(EvaluatorCommand.Evaluate.class, this::onEvaluate)
        .onMessage(EvaluatorCommand.Arrived.class, this::onArrived)
        .onMessage(EvaluatorCommand.NotArrived.class, this::onNotArrived)
        .onSignal(PreRestart.class, signal -> close())
        .onSignal(PostStop.class, signal -> close())
        .build();
  }

  private Behavior<EvaluatorCommand> onJoin(EvaluatorCommand.Join join) {
    if (!employer.equals(Optional.of(join))) {
      employer = Optional.of(join);
      current = Optional.empty(); // it was for another conductor
      finished = Optional.empty();
    }
    if (current.isEmpty()) {
      join.conductor().tell(new ConductorCommand.EvaluatorReady(getContext().getSelf()));
    }
    return this;
  }

  private Behavior<EvaluatorCommand> onEvaluate(EvaluatorCommand.Evaluate request) {
    if (employer.isEmpty()) {
      notDone(request, "it was started again");
      return this;
    }
    if (current.equals(Optional.of(request))) {
      return this; // a duplicate
    }
    Optional<Finished> before = finished.filter(f -> f.request().equals(request));
    if (before.isPresent()) {
      request.pool().tell(before.get().answer()); // the first answer was lost
      return this;
    }
    current = Optional.of(request);
    getContext()
        .pipeToSelf(
            employer.get().policy().fetch(request.step()),
            (weights, error) ->
                error == null
                    ? new EvaluatorCommand.Arrived(request, weights)
                    : new EvaluatorCommand.NotArrived(request, Failures.unwrap(error)));
    return this;
  }

  private Behavior<EvaluatorCommand> onArrived(EvaluatorCommand.Arrived arrived) {
    EvaluatorCommand.Evaluate request = arrived.request();
    if (!current.equals(Optional.of(request))) {
      return this;
    }
    try {
      BlobRef report = tools.blobs().put(Blobs.EVALUATION, evaluate(request, arrived.weights()));
      EvaluatorPoolCommand.Done done =
          new EvaluatorPoolCommand.Done(request.step(), getContext().getSelf(), report);
      finished = Optional.of(new Finished(request, done));
      request.pool().tell(done);
    } catch (RuntimeException e) {
      notDone(request, Failures.describe(e));
      throw e;
    }
    current = Optional.empty();
    return this;
  }

  private EvaluationReport evaluate(EvaluatorCommand.Evaluate request, NamedTensors weights) {
    if (evaluation.isEmpty()) {
      evaluation = Optional.of(Guarded.call("creating the evaluation", tools.evaluation()));
    }
    long start = tools.clock().nanos();
    EvaluationReport.Result result =
        Guarded.call("evaluating", () -> evaluation.get().evaluate(request.step(), weights));
    double seconds = (tools.clock().nanos() - start) / 1e9;
    return new EvaluationReport(request.step(), request.hash(), result, seconds);
  }

  private Behavior<EvaluatorCommand> onNotArrived(EvaluatorCommand.NotArrived failed) {
    if (!current.equals(Optional.of(failed.request()))) {
      return this;
    }
    notDone(failed.request(), Failures.describe(failed.cause()));
    throw failed.cause();
  }

  private void notDone(EvaluatorCommand.Evaluate request, String reason) {
    request
        .pool()
        .tell(new EvaluatorPoolCommand.NotDone(request.step(), getContext().getSelf(), reason));
  }

  private Behavior<EvaluatorCommand> close() {
    evaluation.ifPresent(Evaluation::close);
    return this;
  }
}
