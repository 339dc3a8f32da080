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
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Computes micro-batches for a policy learner on another node, one at a time. Runs on a thread of
 * its own, which it blocks while it computes; an exception ends it, and whoever started it may
 * start it again.
 */
public final class GradientWorker extends AbstractBehavior<GradientWorker.Command> {

  /** What a gradient worker is told. */
  public sealed interface Command {}

  /**
   * Compute a micro-batch.
   *
   * @param version policy version before the learner step
   * @param hash content hash of the weights to compute with
   * @param weights these weights, if the policy has moved since that version
   * @param trajectory of the group
   * @param pool who wants it
   */
  public record Compute(
      long order,
      long version,
      String hash,
      Optional<BlobRef> weights,
      BlobRef trajectory,
      MicroBatch batch,
      ActorRef<GradientPool.Command> pool)
      implements Command, WireMessage {}

  /**
   * Work for a conductor's learner; said again and again, and answered with a sign of readiness.
   *
   * @param stream where this conductor's policy comes from
   */
  public record Join(ActorRef<Conductor.Command> conductor, WeightStream<NamedTensors> stream)
      implements Command {}

  private record Arrived(Compute order, Optional<NamedTensors> weights, Trajectory trajectory)
      implements Command {}

  private record NotArrived(Compute order, RuntimeException cause) implements Command {}

  private final BlobStore blobs;
  private final Gradients gradients;
  private Optional<Join> employer = Optional.empty();
  private Optional<Compute> current = Optional.empty();
  private String held = "";
  private Optional<Arrived> last = Optional.empty();

  private GradientWorker(
      ActorContext<Command> context, BlobStore blobs, Supplier<Gradients> gradients) {
    super(context);
    this.blobs = blobs;
    this.gradients = Guarded.call("creating the gradient worker's model", gradients);
  }

  /**
   * A worker that waits for somebody to work for.
   *
   * @param blobs where trajectories come from and gradients are kept
   * @param gradients maker of the compute object, called on the worker's thread
   */
  public static Behavior<Command> create(BlobStore blobs, Supplier<Gradients> gradients) {
    return Behaviors.setup(context -> new GradientWorker(context, blobs, gradients));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(Compute.class, this::onCompute)
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
    }
    if (current.isEmpty()) {
      join.conductor().tell(new Conductor.GradientReady(getContext().getSelf()));
    }
    return this;
  }

  private Behavior<Command> onCompute(Compute order) {
    if (employer.isEmpty()) {
      return this; // started again since it said that it was ready
    }
    current = Optional.of(order);
    CompletableFuture<Trajectory> trajectory = trajectory(order).toCompletableFuture();
    CompletableFuture<Optional<NamedTensors>> weights = weights(order).toCompletableFuture();
    getContext()
        .pipeToSelf(
            trajectory.thenCombine(weights, (t, w) -> new Arrived(order, w, t)),
            (arrived, error) ->
                error == null ? arrived : new NotArrived(order, Failures.unwrap(error)));
    return this;
  }

  /** Micro-batches of one group often come one after the other. */
  private CompletionStage<Trajectory> trajectory(Compute order) {
    return last.filter(before -> before.order().trajectory().equals(order.trajectory()))
        .<CompletionStage<Trajectory>>map(
            before -> CompletableFuture.completedFuture(before.trajectory()))
        .orElseGet(() -> blobs.fetch(Blobs.TRAJECTORY, order.trajectory()));
  }

  /** The weights of an order, if they are not held already. */
  private CompletionStage<Optional<NamedTensors>> weights(Compute order) {
    if (order.hash().equals(held)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return order
        .weights()
        .map(ref -> blobs.fetch(Blobs.TENSORS, ref))
        .orElseGet(() -> employer.orElseThrow().stream().fetch(order.version()))
        .thenApply(Optional::of);
  }

  private Behavior<Command> onArrived(Arrived arrived) {
    Compute order = arrived.order();
    if (!current.equals(Optional.of(order))) {
      return this;
    }
    try {
      arrived
          .weights()
          .ifPresent(w -> held = Guarded.call("loading the policy", () -> gradients.load(w)));
      Gradient gradient =
          Guarded.call(
              "computing a micro-batch", () -> gradients.of(order.batch(), arrived.trajectory()));
      BlobRef ref = blobs.put(Blobs.TENSORS, gradient.gradients());
      order
          .pool()
          .tell(
              new GradientPool.Computed(
                  order.order(), getContext().getSelf(), held, ref, gradient.terms()));
    } catch (RuntimeException e) {
      notComputed(order, e);
      throw e;
    }
    last = Optional.of(arrived);
    current = Optional.empty();
    return this;
  }

  private Behavior<Command> onNotArrived(NotArrived failed) {
    if (current.equals(Optional.of(failed.order()))) {
      notComputed(failed.order(), failed.cause());
      current = Optional.empty();
    }
    return this;
  }

  private void notComputed(Compute order, RuntimeException cause) {
    order
        .pool()
        .tell(
            new GradientPool.NotComputed(
                order.order(), getContext().getSelf(), Failures.describe(cause)));
  }

  private Behavior<Command> close() {
    gradients.close();
    return this;
  }
}
