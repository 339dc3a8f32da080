package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import java.util.List;
import java.util.Optional;

/** What the pool is told. */
public sealed interface GradientPoolCommand {

  /**
   * Compute this update. The learner is asked for micro-batches, told the gradients that others
   * computed, and told in the end that all are added.
   *
   * @param source of the weights to compute with; empty if the learner alone has them
   * @param batches in the order of their sum
   * @param trajectories of the groups of the step
   */
  record Begin(
      ActorRef<PolicyLearnerCommand> learner,
      Optional<Source> source,
      List<MicroBatch> batches,
      List<BlobRef> trajectories)
      implements GradientPoolCommand {}

  /**
   * Weights to compute with.
   *
   * @param version policy version before the learner step
   * @param hash content hash of the weights
   * @param moved the weights, if the policy has moved since that version
   */
  record Source(long version, String hash, Optional<NamedTensors> moved) {}

  /** How are the gradient workers? To be added to the status. */
  record Ask(RunStatus status, ActorRef<ConductorCommand> conductor, ActorRef<RunStatus> replyTo)
      implements GradientPoolCommand {}

  /**
   * The learner has computed its micro-batch, and takes another one.
   *
   * @param gradient to be added in its turn; empty if it is added already
   */
  record Done(Optional<Gradient> gradient) implements GradientPoolCommand {}

  /** A gradient worker is there and has nothing to do; said again and again. */
  record Ready(ActorRef<GradientWorkerCommand> worker) implements GradientPoolCommand {}

  /**
   * A gradient worker has computed a micro-batch, and takes another one.
   *
   * @param hash content hash of the weights that it holds
   * @param gradients to be released once they are fetched
   * @param terms of the loss, one for each sample
   */
  record Computed(
      long order,
      ActorRef<GradientWorkerCommand> worker,
      String hash,
      BlobRef gradients,
      List<LossTerms> terms)
      implements GradientPoolCommand, WireMessage {}

  /** A gradient worker cannot compute a micro-batch, and does not ask for another one yet. */
  record NotComputed(long order, ActorRef<GradientWorkerCommand> worker, String reason)
      implements GradientPoolCommand, WireMessage {}

  record Fetched(long order, Gradient gradient) implements GradientPoolCommand {}

  record NotFetched(long order, RuntimeException cause) implements GradientPoolCommand {}

  record Gone(ActorRef<GradientWorkerCommand> worker) implements GradientPoolCommand {}

  enum Tick implements GradientPoolCommand {
    INSTANCE
  }
}
