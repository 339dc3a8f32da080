package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.codec.DrawnGroup;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;

/** What a reward worker is told. */
public sealed interface RewardWorkerCommand {

  /** Hold this critic version; answered with the hash of what is held then. */
  record Load(long order, long version) implements RewardWorkerCommand, WireMessage {}

  /** Score a group with the version held. */
  record Score(long order, BlobRef images) implements RewardWorkerCommand, WireMessage {}

  /** Let go of an order. */
  record Revoke(long order) implements RewardWorkerCommand, WireMessage {}

  /**
   * Work for a conductor from now on, under a new name.
   *
   * @param stream where this conductor's weights come from
   */
  record Join(WorkerId id, ActorRef<ConductorCommand> conductor, WeightStream<NamedTensors> stream)
      implements RewardWorkerCommand {}

  record Arrived(long order, long asked, NamedTensors weights) implements RewardWorkerCommand {}

  record ImagesArrived(long order, long asked, DrawnGroup drawn) implements RewardWorkerCommand {}

  record ImagesGone(long order, RuntimeException cause) implements RewardWorkerCommand {}

  record NotArrived(long order, RuntimeException cause) implements RewardWorkerCommand {}

  record LetGo(long order) implements RewardWorkerCommand {}
}
