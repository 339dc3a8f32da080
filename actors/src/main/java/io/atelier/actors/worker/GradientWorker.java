package io.atelier.actors.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Failures;
import io.atelier.actors.port.Guarded;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.GradientPoolCommand;
import io.atelier.actors.protocol.GradientWorkerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Computes micro-batches for a policy learner on another node, one at a time. Runs on a thread of
 * its own, which it blocks while it computes; an exception ends it, and its parent may restart it.
 */
public final class GradientWorker extends AbstractBehavior<GradientWorkerCommand> {

  /** Before a full store is tried again. */
  private static final Duration ROOM_PAUSE = Duration.ofMillis(250);

  private final BlobStore blobs;
  private final Gradients gradients;
  private Optional<GradientWorkerCommand.Join> employer = Optional.empty();
  private Optional<GradientWorkerCommand.Compute> current = Optional.empty();
  private String held = "";
  private Optional<GradientWorkerCommand.Arrived> last = Optional.empty();

  private GradientWorker(
      ActorContext<GradientWorkerCommand> context, BlobStore blobs, Supplier<Gradients> gradients) {
    super(context);
    this.blobs = blobs;
    this.gradients = Guarded.call("creating the gradient worker's model", gradients);
  }

  /**
   * A worker that waits for a conductor.
   *
   * @param blobs where trajectories come from and gradients are kept
   * @param gradients maker of the compute object, called on the worker's thread
   */
  public static Behavior<GradientWorkerCommand> create(
      BlobStore blobs, Supplier<Gradients> gradients) {
    return Behaviors.setup(context -> new GradientWorker(context, blobs, gradients));
  }

  @Override
  public Receive<GradientWorkerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(GradientWorkerCommand.Join.class, this::onJoin)
        .onMessage(GradientWorkerCommand.Compute.class, this::onCompute)
        .onMessage(GradientWorkerCommand.Arrived.class, this::onArrived)
        .onMessage(GradientWorkerCommand.KeepAgain.class, this::onKeepAgain)
        .onMessage(GradientWorkerCommand.NotArrived.class, this::onNotArrived)
        .onSignal(PreRestart.class, signal -> close())
        .onSignal(PostStop.class, signal -> close())
        .build();
  }

  private Behavior<GradientWorkerCommand> onJoin(GradientWorkerCommand.Join join) {
    if (!employer.equals(Optional.of(join))) {
      employer = Optional.of(join);
      current = Optional.empty(); // it was for another conductor
    }
    if (current.isEmpty()) {
      join.conductor().tell(new ConductorCommand.GradientReady(getContext().getSelf()));
    }
    return this;
  }

  private Behavior<GradientWorkerCommand> onCompute(GradientWorkerCommand.Compute order) {
    if (employer.isEmpty()) {
      return this; // it was restarted after it had reported that it was ready
    }
    current = Optional.of(order);
    CompletableFuture<Trajectory> trajectory = trajectory(order).toCompletableFuture();
    CompletableFuture<Optional<NamedTensors>> weights = weights(order).toCompletableFuture();
    getContext()
        .pipeToSelf(
            trajectory.thenCombine(
                weights, (t, w) -> new GradientWorkerCommand.Arrived(order, w, t)),
            (arrived, error) ->
                error == null
                    ? arrived
                    : new GradientWorkerCommand.NotArrived(order, Failures.unwrap(error)));
    return this;
  }

  /** Micro-batches of one group often come one after the other. */
  private CompletionStage<Trajectory> trajectory(GradientWorkerCommand.Compute order) {
    return last.filter(before -> before.order().trajectory().equals(order.trajectory()))
        .<CompletionStage<Trajectory>>map(
            before -> CompletableFuture.completedFuture(before.trajectory()))
        .orElseGet(() -> blobs.fetch(Blobs.TRAJECTORY, order.trajectory()));
  }

  /** The weights of an order, if they are not held already. */
  private CompletionStage<Optional<NamedTensors>> weights(GradientWorkerCommand.Compute order) {
    if (order.hash().equals(held)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return order
        .weights()
        .map(ref -> blobs.fetch(Blobs.TENSORS, ref))
        .orElseGet(() -> employer.orElseThrow().stream().fetch(order.version()))
        .thenApply(Optional::of);
  }

  private Behavior<GradientWorkerCommand> onArrived(GradientWorkerCommand.Arrived arrived) {
    GradientWorkerCommand.Compute order = arrived.order();
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
      keep(arrived, gradient);
    } catch (RuntimeException e) {
      notComputed(order, e);
      throw e;
    }
    return this;
  }

  /** Answers once the gradients are kept: if the store is full, others have to be fetched first. */
  private void keep(GradientWorkerCommand.Arrived arrived, Gradient gradient) {
    GradientWorkerCommand.Compute order = arrived.order();
    BlobRef ref;
    try {
      ref = blobs.put(Blobs.TENSORS, gradient.gradients());
    } catch (BlobStoreFullException e) {
      if (e.isHopeless()) {
        throw e;
      }
      getContext()
          .scheduleOnce(
              ROOM_PAUSE,
              getContext().getSelf(),
              new GradientWorkerCommand.KeepAgain(arrived, gradient));
      return;
    }
    order
        .pool()
        .tell(
            new GradientPoolCommand.Computed(
                order.order(), getContext().getSelf(), held, ref, gradient.terms()));
    last = Optional.of(arrived);
    current = Optional.empty();
  }

  private Behavior<GradientWorkerCommand> onKeepAgain(GradientWorkerCommand.KeepAgain again) {
    if (current.equals(Optional.of(again.arrived().order()))) {
      keep(again.arrived(), again.gradient());
    }
    return this;
  }

  private Behavior<GradientWorkerCommand> onNotArrived(GradientWorkerCommand.NotArrived failed) {
    if (current.equals(Optional.of(failed.order()))) {
      notComputed(failed.order(), failed.cause());
      current = Optional.empty();
    }
    return this;
  }

  private void notComputed(GradientWorkerCommand.Compute order, RuntimeException cause) {
    order
        .pool()
        .tell(
            new GradientPoolCommand.NotComputed(
                order.order(), getContext().getSelf(), Failures.describe(cause)));
  }

  private Behavior<GradientWorkerCommand> close() {
    gradients.close();
    return this;
  }
}
