package io.atelier.actors.bench;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One actor that actors of other processes reach by Akka's own transport, which is set as in the
 * cluster. What it is sent are values that Akka itself writes: arrays of bytes, strings, numbers.
 */
final class Artery implements AutoCloseable {
  private static final String ACTOR = "bytes";
  private static final long END_SECONDS = 10;

  private static final Map<String, Object> SETTINGS =
      Map.of(
          "akka.actor.provider", "remote",
          "akka.remote.artery.canonical.port", 0,
          "akka.remote.warn-about-direct-use", "off",
          "akka.loggers", List.of("akka.event.slf4j.Slf4jLogger"),
          "akka.logging-filter", "akka.event.slf4j.Slf4jLoggingFilter",
          "akka.loglevel", "ERROR",
          "akka.stdout-loglevel", "OFF");

  private final ActorSystem<Void> system;
  private final ActorRef<Object> actor;

  Artery(Behavior<Object> behavior) {
    Config config =
        ConfigFactory.parseMap(SETTINGS)
            .withFallback(ConfigFactory.parseResources("io/atelier/actors/cluster.conf"))
            .withFallback(ConfigFactory.load())
            .resolve();
    CompletableFuture<ActorRef<Object>> started = new CompletableFuture<>();
    Behavior<Void> guardian =
        Behaviors.setup(
            context -> {
              started.complete(context.spawn(behavior, ACTOR));
              return Behaviors.empty();
            });
    system = ActorSystem.create(guardian, "bench", config);
    actor = started.join();
  }

  /** Its actor, as others resolve it. */
  String reference() {
    return ActorRefResolver.get(system).toSerializationFormat(actor);
  }

  /** The actor of another process. */
  ActorRef<Object> resolve(String reference) {
    return ActorRefResolver.get(system).resolveActorRef(reference);
  }

  @Override
  public void close() {
    system.terminate();
    system
        .getWhenTerminated()
        .toCompletableFuture()
        .completeOnTimeout(null, END_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
