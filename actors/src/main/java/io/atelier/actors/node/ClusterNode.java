package io.atelier.actors.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.InvalidActorNameException;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.Cluster;
import akka.pattern.Patterns;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.cluster.ClusterConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.run.record.RunMeters;
import io.atelier.actors.run.record.Terminal;
import io.atelier.actors.transport.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One node of a cluster, in this JVM. Thread-safe. */
public final class ClusterNode implements AutoCloseable {

  private static final String SYSTEM = "atelier";

  /** Time for workers that are computing when their node leaves a running actor system. */
  private static final Duration ENDING = Duration.ofMinutes(2);

  private final ActorSystem<?> system;
  private final ActorRef<NodeGuardian.Command> guardian;
  private final Ending ending;
  private final NodeControl control;
  private final NetworkTransport transport;
  private final CompletableFuture<Boolean> over;
  private final Optional<AdminServer> admin;

  /** What remains of a node after it is closed. */
  private enum Ending {
    /** Nothing: the node owns the actor system. */
    SYSTEM,
    /** The actor system, which belongs to the caller. */
    ACTORS,
    /** The actor system and the candidate for the lead, until the system leaves its cluster. */
    WORK
  }

  private ClusterNode(
      ActorSystem<?> system,
      ActorRef<NodeGuardian.Command> guardian,
      Ending ending,
      NodeControl control,
      NetworkTransport transport,
      CompletableFuture<Boolean> over,
      Optional<AdminServer> admin) {
    this.system = system;
    this.guardian = guardian;
    this.ending = ending;
    this.control = control;
    this.transport = transport;
    this.over = over;
    this.admin = admin;
  }

  /**
   * Starts a node, which joins the cluster of its configuration's seeds.
   *
   * @param onLead told of the run folder when this node leads the run
   */
  public static ClusterNode start(
      TrainConfig configured, Set<NodeRole> roles, Terminal terminal, Consumer<Path> onLead) {
    configured.cluster().requireHere();
    Seeds.require(configured.cluster());
    NodeWork work = NodeWork.of(configured, roles, Plugins.found(), terminal);
    TrainConfig config = work.config();
    NetworkTransport transport = transport(config);
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    AtomicReference<RunMeters> led = new AtomicReference<>();
    try {
      NodeGuardian.Setup setup =
          work.setup(transport, terminal, config.page().port(), onLead, led::set, over);
      ActorSystem<NodeGuardian.Command> system =
          listening(
              "cluster.port",
              config.cluster().port(),
              () ->
                  ActorSystem.create(
                      NodeGuardian.create(setup), SYSTEM, settings(config.cluster(), roles)));
      try {
        return of(system, system, Ending.SYSTEM, config, transport, led, over);
      } catch (RuntimeException e) {
        shutDown(system, CoordinatedShutdown.clusterLeavingReason());
        throw e;
      }
    } catch (RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  /** Starts a node in an actor system that is in a cluster. */
  static ClusterNode join(ActorSystem<?> system, NodeWork work) {
    TrainConfig config = work.config();
    NetworkTransport transport = transport(config);
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    AtomicReference<RunMeters> led = new AtomicReference<>();
    try {
      ActorRef<NodeGuardian.Command> guardian =
          system.systemActorOf(
              NodeGuardian.create(
                  work.setup(transport, Terminal.silent(), -1, folder -> {}, led::set, over)),
              SYSTEM,
              Props.empty());
      Ending ending = work.roles().contains(NodeRole.LEARNER) ? Ending.WORK : Ending.ACTORS;
      try {
        return of(system, guardian, ending, config, transport, led, over);
      } catch (RuntimeException e) {
        stop(guardian);
        throw e;
      }
    } catch (InvalidActorNameException e) {
      transport.close();
      throw new InvalidConfigException(
          "actor system %s takes part in a run already".formatted(system.name()), e);
    } catch (RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  private static NetworkTransport transport(TrainConfig config) {
    return listening(
        "transport.port",
        config.transport().port(),
        () -> NetworkTransport.start(config.transport()));
  }

  private static ClusterNode of(
      ActorSystem<?> system,
      ActorRef<NodeGuardian.Command> guardian,
      Ending ending,
      TrainConfig config,
      NetworkTransport transport,
      AtomicReference<RunMeters> led,
      CompletableFuture<Boolean> over) {
    // not on termination of the actor system, which an actor or a connection may delay
    Cluster.get(Adapter.toClassic(system))
        .registerOnMemberRemoved(() -> over.completeExceptionally(new RemovedException()));
    NodeControl control = new NodeControl(system, guardian);
    return new ClusterNode(
        system,
        guardian,
        ending,
        control,
        transport,
        over,
        AdminServer.start(
            config.cluster(),
            control,
            transport.plane(),
            () -> Optional.ofNullable(led.get()),
            System.getenv()));
  }

  /** Starts a listener; if its port is taken, the error names the configuration key. */
  private static <T> T listening(String key, int port, Supplier<T> start) {
    try {
      return start.get();
    } catch (RuntimeException e) {
      if (String.valueOf(e.getMessage()).contains("Address already in use")) {
        throw new InvalidConfigException(
            "%s: port %d is taken; choose another, or end what listens there".formatted(key, port),
            e);
      }
      throw e;
    }
  }

  private static Config settings(ClusterConfig cluster, Set<NodeRole> roles) {
    List<String> names = roles.stream().map(NodeRole::toString).toList();
    Seeds seeds = Seeds.of(cluster);
    Map<String, Object> own =
        Map.ofEntries(
            Map.entry("akka.remote.artery.canonical.hostname", HostPort.bracketed(cluster.host())),
            Map.entry("akka.remote.artery.bind.hostname", HostPort.bracketed(cluster.listensAt())),
            Map.entry("akka.remote.artery.canonical.port", cluster.port()),
            Map.entry("akka.cluster.roles", names),
            Map.entry(
                "akka.cluster.seed-nodes",
                seeds.addresses().stream()
                    .map(seed -> "akka://%s@%s".formatted(SYSTEM, seed))
                    .toList()),
            Map.entry("akka.cluster.seed-node-timeout", seeds.patience()),
            Map.entry("akka.coordinated-shutdown.run-by-jvm-shutdown-hook", "off"),
            Map.entry("akka.coordinated-shutdown.exit-jvm", "off"),
            Map.entry("akka.loggers", List.of("akka.event.slf4j.Slf4jLogger")),
            Map.entry("akka.logging-filter", "akka.event.slf4j.Slf4jLoggingFilter"),
            Map.entry("akka.stdout-loglevel", "OFF"));
    if (cluster.tls()) {
      TlsStores.require(System.getenv());
    }
    String file = cluster.tls() ? "cluster-tls.conf" : "cluster.conf";
    return ConfigFactory.parseMap(own)
        .withFallback(ConfigFactory.defaultOverrides()) // -Dakka…=… of whoever starts the JVM
        .withFallback(ConfigFactory.parseResources("io/atelier/actors/" + file))
        .withFallback(ConfigFactory.load())
        .resolve();
  }

  /** Where this node is in the cluster, {@code host:port}. */
  public String name() {
    return control.self();
  }

  /** Where this node answers HTTP, {@code host:port}; empty if it does not. */
  public Optional<String> admin() {
    return admin.map(AdminServer::address);
  }

  /**
   * Waits until the run is over, or this node has handed back its work. Fails with the first cause,
   * if the run or this node failed.
   *
   * @return whether the run is over
   */
  public boolean await() {
    try {
      return over.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }

  /** Gives the leases of this node's workers back; {@link #await} returns. */
  public void leave() {
    guardian.tell(NodeGuardian.Leave.INSTANCE);
  }

  /**
   * Ends the node. While the run goes on it leaves the cluster, and the lead to another node after
   * the step it is at; once the run is over all nodes end, and there is nobody to hand over to. In
   * an actor system that is not its own the node hands back its work and stays in the cluster; if
   * it has the role learner it may lead the run until the system leaves that.
   */
  @Override
  public void close() {
    admin.ifPresent(AdminServer::close);
    boolean goesOn =
        over.handle(
                (ended, failure) ->
                    failure == null
                        ? !ended
                        : failure instanceof SetAsideException
                            || failure instanceof HungException
                            || failure instanceof LeadFailedException)
            .getNow(true);
    switch (ending) {
      case SYSTEM -> {
        shutDown(
            system,
            goesOn
                ? CoordinatedShutdown.clusterLeavingReason()
                : CoordinatedShutdown.actorSystemTerminateReason());
        transport.close();
      }
      case ACTORS -> {
        leave();
        stop(guardian);
        transport.close();
      }
      case WORK -> {
        if (goesOn) {
          leave();
          system.getWhenTerminated().thenRun(transport::close);
        } else {
          stop(guardian);
          transport.close();
        }
      }
    }
  }

  /** Waits for the actors of a node in an actor system that goes on. */
  private static void stop(ActorRef<NodeGuardian.Command> guardian) {
    Patterns.gracefulStop(Adapter.toClassic(guardian), ENDING).toCompletableFuture().join();
  }

  /**
   * Each phase has its time limit; the end of the actor system, with connections that hang, has
   * none.
   */
  private static void shutDown(ActorSystem<?> system, CoordinatedShutdown.Reason reason) {
    CoordinatedShutdown.get(system).runAll(reason).toCompletableFuture().join();
  }
}
