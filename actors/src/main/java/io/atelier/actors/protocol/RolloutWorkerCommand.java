package io.atelier.actors.protocol;

import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;

/** What a rollout worker is told. */
public sealed interface RolloutWorkerCommand {

  /** Hold this policy version; answered with the hash of what is held then. */
  record Load(long order, long version) implements RolloutWorkerCommand, WireMessage {}

  /** Generate a group with the version held. */
  record Generate(long order, GroupId id, Prompt prompt)
      implements RolloutWorkerCommand, WireMessage {}

  /** Let go of an order. */
  record Revoke(long order) implements RolloutWorkerCommand, WireMessage {}

  /**
   * Work for a conductor from now on, under a new name.
   *
   * @param stream where this conductor's weights come from
   */
  record Join(WorkerId id, ActorRef<ConductorCommand> conductor, WeightStream<NamedTensors> stream)
      implements RolloutWorkerCommand {}

  record Arrived(long order, long asked, long version, NamedTensors weights)
      implements RolloutWorkerCommand {}

  record NotArrived(long order, RuntimeException cause) implements RolloutWorkerCommand {}

  record LetGo(long order) implements RolloutWorkerCommand {}
}
