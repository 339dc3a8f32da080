package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.report.EvaluationReport;

/** What the pool is told. */
public sealed interface EvaluatorPoolCommand {

  /**
   * Evaluate the policy version that {@code step} updates made, in place of any other request.
   *
   * @param attempt how often this was asked, from 1
   */
  record Evaluate(int step, int attempt, String hash) implements EvaluatorPoolCommand {}

  /** How are the evaluators? To be added to the status, which is told then. */
  record Ask(RunStatus status, ActorRef<RunStatus> replyTo) implements EvaluatorPoolCommand {}

  /** An evaluator of another node is there and has nothing to do; said again and again. */
  record Ready(ActorRef<EvaluatorCommand> evaluator) implements EvaluatorPoolCommand {}

  /**
   * An evaluation is done.
   *
   * @param report to be released once it is fetched
   */
  record Done(int step, ActorRef<EvaluatorCommand> evaluator, BlobRef report)
      implements EvaluatorPoolCommand, WireMessage {}

  /** An evaluator cannot evaluate a version. */
  record NotDone(int step, ActorRef<EvaluatorCommand> evaluator, String reason)
      implements EvaluatorPoolCommand, WireMessage {}

  record Fetched(int step, EvaluationReport report) implements EvaluatorPoolCommand {}

  record NotFetched(int step, RuntimeException cause) implements EvaluatorPoolCommand {}

  record Gone(ActorRef<EvaluatorCommand> evaluator) implements EvaluatorPoolCommand {}

  enum Waited implements EvaluatorPoolCommand {
    INSTANCE
  }
}
