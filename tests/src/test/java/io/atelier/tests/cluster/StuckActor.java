package io.atelier.tests.cluster;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import akka.actor.typed.javadsl.Behaviors;
import java.util.concurrent.CompletableFuture;

/**
 * An actor in a node that does not end, as one in the middle of a long computation, so that its
 * actor system does not either. Loaded by {@link #OPTION}.
 */
public final class StuckActor extends ExtensionId<StuckActor.Here> {

  /** Of the JVM of the node. */
  static final String OPTION = "-Dakka.actor.typed.extensions.0=" + StuckActor.class.getName();

  /** It is there. */
  public static final class Here implements Extension {}

  /** By which Akka finds it. */
  public static StuckActor getInstance() {
    return new StuckActor();
  }

  @Override
  public Here createExtension(ActorSystem<?> system) {
    // from its start: whoever ends the node might not come to telling its actors in time
    system.systemActorOf(
        Behaviors.setup(
            context -> {
              system.log().warn("stuck");
              new CompletableFuture<Void>().join();
              return Behaviors.empty();
            }),
        "stuck",
        DispatcherSelector.blocking());
    return new Here();
  }
}
