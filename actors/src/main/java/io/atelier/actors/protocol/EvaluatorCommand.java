package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;

/** What an evaluator is told. */
public sealed interface EvaluatorCommand {

  /**
   * Evaluate the policy version that {@code step} updates made.
   *
   * @param pool who wants it
   */
  record Evaluate(int step, String hash, ActorRef<EvaluatorPoolCommand> pool)
      implements EvaluatorCommand, WireMessage {}

  /**
   * Work for a conductor; repeated, and answered with {@code Ready} while idle.
   *
   * @param policy where this conductor's versions come from
   */
  record Join(ActorRef<ConductorCommand> conductor, WeightStream<NamedTensors> policy)
      implements EvaluatorCommand {}

  record Arrived(Evaluate request, NamedTensors weights) implements EvaluatorCommand {}

  record NotArrived(Evaluate request, RuntimeException cause) implements EvaluatorCommand {}
}
