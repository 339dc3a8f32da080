package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.transport.WeightStream;
import io.atelier.models.state.NamedTensors;

/**
 * The conductor that the workers of a host work for.
 *
 * @param epoch which conductor of the run it is
 * @param publisher the node that publishes weights
 */
record Employment(
    ActorRef<ConductorCommand> conductor,
    int epoch,
    String publisher,
    WeightStream<NamedTensors> policy,
    WeightStream<NamedTensors> critic) {

  /** Lets go of the weights that were fetched. */
  void end() {
    policy.close();
    critic.close();
  }
}
