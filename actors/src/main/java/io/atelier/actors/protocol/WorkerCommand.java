package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.transport.WeightStream;
import io.atelier.learner.MicroBatch;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.Optional;

/** What a worker is told: one that draws, scores, computes gradients or evaluates. */
public sealed interface WorkerCommand {

  /**
   * An order, answered once it is carried out. Numbers of whoever gives orders only grow; an order
   * that comes again is not carried out again, but its answer is repeated.
   */
  sealed interface Order extends WorkerCommand, WireMessage {
    long order();
  }

  // ---------------------------------------------------------------- orders of the conductor

  /** Hold this version of the policy or critic; answered with the hash of what is held then. */
  record Load(long order, long version) implements Order {}

  /** Generate a group with the version held; for a rollout worker. */
  record Generate(long order, GroupId id, Prompt prompt) implements Order {}

  /** Score a group with the version held; for a reward worker. */
  record Score(long order, BlobRef images) implements Order {}

  /** Let go of an order. */
  record Revoke(long order) implements Order {}

  // ---------------------------------------------------------------- orders of a pool

  /**
   * Compute a micro-batch; for a gradient worker.
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
      ActorRef<PoolCommand> pool)
      implements Order {}

  /**
   * Evaluate the policy version that {@code step} updates made; for an evaluator.
   *
   * @param pool who wants it
   */
  record Evaluate(long order, int step, String hash, ActorRef<PoolCommand> pool) implements Order {}

  // ---------------------------------------------------------------- on its own node

  /**
   * Work for a conductor from now on, as another incarnation.
   *
   * @param stream where this conductor's weights come from
   * @param host told once the worker is ready
   */
  record Join(
      WorkerId id,
      ActorRef<ConductorCommand> conductor,
      WeightStream<NamedTensors> stream,
      ActorRef<HostCommand> host)
      implements WorkerCommand {}

  /**
   * Work for a conductor's pool from now on; repeated, since a restart makes a worker forget it,
   * and answered while idle.
   *
   * @param stream where this conductor's policy comes from
   */
  record JoinPool(ActorRef<ConductorCommand> conductor, WeightStream<NamedTensors> stream)
      implements WorkerCommand {}

  /** What an order waited for is there, or did not come: it goes on, unless it has ended. */
  record Resume(Runnable then) implements WorkerCommand {}
}
