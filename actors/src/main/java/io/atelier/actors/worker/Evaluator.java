package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.transport.BlobStore;
import io.atelier.models.state.NamedTensors;
import java.util.Optional;
import java.util.function.Supplier;

/** Evaluates policy versions while training goes on. */
public final class Evaluator extends PoolWorker {

  /**
   * What an evaluator works with.
   *
   * @param blobs where reports are kept until they are fetched
   * @param evaluation maker of the compute object, called on the evaluator's thread when it is
   *     needed
   */
  public record Tools(BlobStore blobs, Supplier<Evaluation> evaluation, Clock clock) {}

  private final Tools tools;
  private Optional<Evaluation> evaluation = Optional.empty();

  private Evaluator(ActorContext<WorkerCommand> context, Tools tools) {
    super(context, PoolCommand.Task.EVALUATION);
    this.tools = tools;
  }

  /** An evaluator that waits for somebody to work for. */
  public static Behavior<WorkerCommand> create(Tools tools) {
    return Behaviors.setup(context -> new Evaluator(context, tools));
  }

  @Override
  public Receive<WorkerCommand> createReceive() {
    return receive().onMessage(WorkerCommand.Evaluate.class, this::onEvaluate).build();
  }

  private Behavior<WorkerCommand> onEvaluate(WorkerCommand.Evaluate order) {
    return carryOut(
        order,
        order.pool(),
        () -> stream().fetch(order.step()),
        weights -> evaluate(order, weights),
        report -> keep(order, report));
  }

  private EvaluationReport evaluate(WorkerCommand.Evaluate order, NamedTensors weights) {
    if (evaluation.isEmpty()) {
      evaluation = Optional.of(Guarded.call("creating the evaluation", tools.evaluation()));
    }
    long start = tools.clock().nanos();
    EvaluationReport.Result result =
        Guarded.call("evaluating", () -> evaluation.get().evaluate(order.step(), weights));
    double seconds = (tools.clock().nanos() - start) / 1e9;
    return new EvaluationReport(order.step(), order.hash(), result, seconds);
  }

  private PoolCommand.Answer keep(WorkerCommand.Evaluate order, EvaluationReport report) {
    BlobRef ref = tools.blobs().put(Blobs.EVALUATION, report);
    return new PoolCommand.Evaluated(order.order(), getContext().getSelf(), ref);
  }

  @Override
  void close() {
    evaluation.ifPresent(Evaluation::close);
  }
}
