package io.atelier.tests.toy;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Transport;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.worker.Host;
import io.atelier.actors.worker.HostSetup;
import io.atelier.learner.Gradients;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** A node that has a gradient worker and nothing else, and looks for its conductor. */
final class ToyHost {
  private ToyHost() {}

  static Behavior<HostCommand> create(
      Identity identity, Transport node, Supplier<Gradients> gradients) {
    HostSetup tools =
        new HostSetup(
            0,
            0,
            0,
            new HostSetup.GradientWorkers(1, gradients, false),
            Optional.empty(),
            "@" + node.node(),
            identity,
            "toys",
            Duration.ofMillis(20),
            node,
            ToyGenerator::new,
            ToyScorer::new,
            0,
            Clock.system(),
            new HostSetup.Listener() {
              @Override
              public void onWorkerFailed(RuntimeException error) {}

              @Override
              public void onHung(String reason) {
                throw new AssertionError(reason);
              }
            });
    return Behaviors.setup(
        context -> {
          ActorRef<HostCommand> host = context.spawn(Host.create(tools), "host");
          ActorRef<Receptionist.Listing> listings =
              context.messageAdapter(
                  Receptionist.Listing.class,
                  listing ->
                      new HostCommand.Found(listing.getServiceInstances(ConductorCommand.KEY)));
          context
              .getSystem()
              .receptionist()
              .tell(Receptionist.subscribe(ConductorCommand.KEY, listings));
          return Behaviors.receiveMessage(
              message -> {
                host.tell(message);
                return Behaviors.same();
              });
        });
  }
}
