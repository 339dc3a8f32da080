package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import java.util.List;
import java.util.Optional;

/** What the pool of gradient workers or that of evaluators is told. */
public sealed interface PoolCommand {

  /** What the workers of a pool do. */
  enum Task {
    GRADIENT,
    EVALUATION
  }

  // ---------------------------------------------------------------- both pools

  /** A worker of any node is there and has nothing to do; said again and again. */
  record Ready(ActorRef<WorkerCommand> worker) implements PoolCommand {}

  /**
   * How are the workers? To be added to the status, which is told then.
   *
   * @param others pools that are to add theirs after this one
   */
  record Ask(RunStatus status, List<ActorRef<PoolCommand>> others, ActorRef<RunStatus> replyTo)
      implements PoolCommand {}

  /** What becomes of an order that a worker was given. */
  sealed interface Answer extends PoolCommand, WireMessage {
    long order();

    ActorRef<WorkerCommand> worker();
  }

  /** A worker cannot carry out an order, and has to say that it is ready before it gets another. */
  record NotDone(long order, ActorRef<WorkerCommand> worker, String reason) implements Answer {}

  /**
   * What a worker made is here.
   *
   * @param use run if it is still wanted, with the number of the piece of work
   */
  record Fetched(long order, Use use) implements PoolCommand {}

  /** What is done with the result of a piece of work. */
  @FunctionalInterface
  interface Use {
    void of(int work);
  }

  record NotFetched(long order, RuntimeException cause) implements PoolCommand {}

  record Gone(ActorRef<WorkerCommand> worker) implements PoolCommand {}

  // ---------------------------------------------------------------- gradients

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
      implements PoolCommand {}

  /**
   * Weights to compute with.
   *
   * @param version policy version before the learner step
   * @param hash content hash of the weights
   * @param moved the weights, if the policy has moved since that version
   */
  record Source(long version, String hash, Optional<NamedTensors> moved) {}

  /**
   * The learner has computed its micro-batch, and takes another one.
   *
   * @param gradient to be added in its turn; empty if it is added already
   */
  record LearnerDone(Optional<Gradient> gradient) implements PoolCommand {}

  /**
   * A gradient worker has computed a micro-batch, and takes another one.
   *
   * @param hash content hash of the weights that it holds
   * @param gradients to be released once they are fetched
   * @param terms of the loss, one for each sample
   */
  record Computed(
      long order,
      ActorRef<WorkerCommand> worker,
      String hash,
      BlobRef gradients,
      List<LossTerms> terms)
      implements Answer {}

  enum Tick implements PoolCommand {
    INSTANCE
  }

  // ---------------------------------------------------------------- evaluations

  /**
   * Evaluate the policy version that {@code step} updates made, in place of any other request.
   *
   * @param attempt how often this was asked, from 1
   */
  record Evaluate(int step, int attempt, String hash) implements PoolCommand {}

  /**
   * An evaluation is done.
   *
   * @param report to be released once it is fetched
   */
  record Evaluated(long order, ActorRef<WorkerCommand> worker, BlobRef report) implements Answer {}

  /** Evaluators of other nodes were waited for long enough. */
  enum Waited implements PoolCommand {
    INSTANCE
  }
}
