package io.atelier.actors.protocol;

import akka.actor.ActorPath;
import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.ActorContext;

/** Where actors live, for people. */
public final class Addresses {

  private Addresses() {}

  /** {@code host:port} of the node in its cluster; empty outside a cluster. */
  public static String of(ActorContext<?> context, ActorRef<?> ref) {
    Address address =
        ActorPath.fromString(ActorRefResolver.get(context.getSystem()).toSerializationFormat(ref))
            .address();
    return address.getHost().map(host -> host + ":" + address.getPort().orElse(0)).orElse("");
  }
}
