package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.codec.DrawnGroup;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.function.Supplier;

/** What a rollout or reward worker is told. */
public sealed interface WorkerCommand {

  /**
   * An order of the conductor, answered once it is carried out. Numbers only grow; an order that
   * comes again is not carried out again, but its answer is repeated.
   */
  sealed interface Order extends WorkerCommand, WireMessage {
    long order();
  }

  /** Hold this version of the policy or critic; answered with the hash of what is held then. */
  record Load(long order, long version) implements Order {}

  /** Generate a group with the version held; for a rollout worker. */
  record Generate(long order, GroupId id, Prompt prompt) implements Order {}

  /** Score a group with the version held; for a reward worker. */
  record Score(long order, BlobRef images) implements Order {}

  /** Let go of an order. */
  record Revoke(long order) implements Order {}

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

  record Arrived(Load order, long asked, NamedTensors weights) implements WorkerCommand {}

  record NotArrived(Load order, RuntimeException cause) implements WorkerCommand {}

  /** Weights did not arrive some time ago. */
  record NotLoaded(Load order, String reason) implements WorkerCommand {}

  /** A result did not fit some time ago. */
  record KeepAgain(long order, long bytes, Supplier<Event> result) implements WorkerCommand {}

  record ImagesArrived(long order, long asked, DrawnGroup drawn) implements WorkerCommand {}

  record ImagesGone(long order, RuntimeException cause) implements WorkerCommand {}
}
