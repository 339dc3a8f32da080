package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.WeightStream;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.Optional;

/** What a gradient worker is told. */
public sealed interface GradientWorkerCommand {

  /**
   * Compute a micro-batch.
   *
   * @param version policy version before the learner step
   * @param hash content hash of the weights to compute with
   * @param weights these weights, if the policy has moved since that version
   * @param trajectory of the group
   * @param pool who wants it
   */
  record Compute(
      long order,
      long version,
      String hash,
      Optional<BlobRef> weights,
      BlobRef trajectory,
      MicroBatch batch,
      ActorRef<GradientPoolCommand> pool)
      implements GradientWorkerCommand, WireMessage {}

  /**
   * Work for a conductor's learner; repeated, and answered with {@code Ready} while idle.
   *
   * @param stream where this conductor's policy comes from
   */
  record Join(ActorRef<ConductorCommand> conductor, WeightStream<NamedTensors> stream)
      implements GradientWorkerCommand {}

  record Arrived(Compute order, Optional<NamedTensors> weights, Trajectory trajectory)
      implements GradientWorkerCommand {}

  /** Gradients that did not fit the store are to be kept now. */
  record KeepAgain(Arrived arrived, Gradient gradient) implements GradientWorkerCommand {}

  record NotArrived(Compute order, RuntimeException cause) implements GradientWorkerCommand {}
}
