package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import java.util.function.Supplier;

/**
 * Measures policy versions aside from the steps. Runs on a thread of its own, which it blocks while
 * it computes; an exception ends it, and the run with it.
 */
public final class Evaluator extends AbstractBehavior<Evaluator.Command> {

  /** What the evaluator is told. */
  public sealed interface Command {}

  /** Evaluate the policy version that {@code step} updates made. */
  public record Evaluate(int step, String hash) implements Command {}

  private record Arrived(Evaluate request, NamedTensors weights) implements Command {}

  private record Failed(RuntimeException cause) implements Command {}

  /**
   * What the evaluator works with.
   *
   * @param conductor whom it answers
   * @param policy where weights come from
   * @param evaluation maker of the compute object, called on the evaluator's thread
   */
  public record Tools(
      ActorRef<Conductor.Command> conductor,
      WeightStream<NamedTensors> policy,
      Supplier<Evaluation> evaluation,
      Clock clock) {}

  private final Tools tools;
  private final Evaluation evaluation;

  private Evaluator(ActorContext<Command> context, Tools tools) {
    super(context);
    this.tools = tools;
    this.evaluation = Guarded.call("creating the evaluation", tools.evaluation());
  }

  public static Behavior<Command> create(Tools tools) {
    return Behaviors.setup(context -> new Evaluator(context, tools));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Evaluate.class, this::onEvaluate)
        .onMessage(Arrived.class, this::onArrived)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<Command> onEvaluate(Evaluate request) {
    getContext()
        .pipeToSelf(
            tools.policy().fetch(request.step()),
            (weights, error) ->
                error == null ? new Arrived(request, weights) : new Failed(Failures.unwrap(error)));
    return this;
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    long start = tools.clock().nanos();
    int step = arrived.request().step();
    Evaluation.Result result =
        Guarded.call("evaluating", () -> evaluation.evaluate(step, arrived.weights()));
    double seconds = (tools.clock().nanos() - start) / 1e9;
    tools
        .conductor()
        .tell(
            new Conductor.Evaluated(
                new EvaluationReport(step, arrived.request().hash(), result, seconds)));
    return this;
  }

  private Behavior<Command> onFailed(Failed failed) {
    throw failed.cause();
  }

  private Behavior<Command> onPostStop(PostStop signal) {
    evaluation.close();
    return this;
  }
}
