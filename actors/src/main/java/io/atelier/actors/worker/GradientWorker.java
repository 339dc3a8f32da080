package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Computes micro-batches for a policy learner on another node. */
public final class GradientWorker extends PoolWorker {

  /**
   * What an order needs.
   *
   * @param weights empty if they are held
   */
  private record Inputs(Optional<NamedTensors> weights, Trajectory trajectory) {}

  /** The trajectory of the last order. */
  private record Last(BlobRef ref, Trajectory trajectory) {}

  private final BlobStore blobs;
  private final Gradients gradients;

  /** Content hash of the weights that are held. */
  private String held = "";

  private Optional<Last> last = Optional.empty();

  private GradientWorker(
      ActorContext<WorkerCommand> context, BlobStore blobs, Supplier<Gradients> gradients) {
    super(context, PoolCommand.Task.GRADIENT);
    this.blobs = blobs;
    this.gradients = Guarded.call("creating the gradient worker's model", gradients);
  }

  /**
   * A worker that waits for a conductor.
   *
   * @param blobs where trajectories come from and gradients are kept
   * @param gradients maker of the compute object, called on the worker's thread
   */
  public static Behavior<WorkerCommand> create(BlobStore blobs, Supplier<Gradients> gradients) {
    return Behaviors.setup(context -> new GradientWorker(context, blobs, gradients));
  }

  @Override
  public Receive<WorkerCommand> createReceive() {
    return receive().onMessage(WorkerCommand.Compute.class, this::onCompute).build();
  }

  private Behavior<WorkerCommand> onCompute(WorkerCommand.Compute order) {
    return carryOut(
        order,
        order.pool(),
        () -> inputs(order),
        inputs -> compute(order, inputs),
        gradient -> keep(order, gradient));
  }

  private CompletionStage<Inputs> inputs(WorkerCommand.Compute order) {
    return weights(order).thenCombine(trajectory(order), Inputs::new);
  }

  /** Micro-batches of one group often come one after the other. */
  private CompletionStage<Trajectory> trajectory(WorkerCommand.Compute order) {
    return last.filter(before -> before.ref().equals(order.trajectory()))
        .<CompletionStage<Trajectory>>map(
            before -> CompletableFuture.completedFuture(before.trajectory()))
        .orElseGet(() -> blobs.fetch(Blobs.TRAJECTORY, order.trajectory()));
  }

  /** The weights of an order, if they are not held already. */
  private CompletionStage<Optional<NamedTensors>> weights(WorkerCommand.Compute order) {
    if (order.hash().equals(held)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return order
        .weights()
        .map(ref -> blobs.fetch(Blobs.TENSORS, ref))
        .orElseGet(() -> stream().fetch(order.version()))
        .thenApply(Optional::of);
  }

  private Gradient compute(WorkerCommand.Compute order, Inputs inputs) {
    inputs
        .weights()
        .ifPresent(w -> held = Guarded.call("loading the policy", () -> gradients.load(w)));
    Gradient gradient =
        Guarded.call(
            "computing a micro-batch", () -> gradients.of(order.batch(), inputs.trajectory()));
    last = Optional.of(new Last(order.trajectory(), inputs.trajectory()));
    return gradient;
  }

  private PoolCommand.Answer keep(WorkerCommand.Compute order, Gradient gradient) {
    BlobRef ref = blobs.put(Blobs.TENSORS, gradient.gradients());
    return new PoolCommand.Computed(
        order.order(), getContext().getSelf(), held, ref, gradient.terms());
  }

  @Override
  void close() {
    gradients.close();
  }
}
