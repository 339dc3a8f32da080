package io.atelier.actors.cluster;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.Cluster;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.Clock;
import io.atelier.actors.Host;
import io.atelier.actors.StepState;
import io.atelier.actors.Transport;
import io.atelier.actors.api.Assembly;
import io.atelier.actors.api.Identities;
import io.atelier.actors.api.OpenRun;
import io.atelier.actors.api.VersionSize;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.ClusterConfig;
import io.atelier.actors.config.InvalidConfigException;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.run.CheckpointStore;
import io.atelier.actors.run.RunFiles;
import io.atelier.actors.run.RunFolder;
import io.atelier.actors.run.RunIdentity;
import io.atelier.actors.run.Terminal;
import io.atelier.actors.transport.HostPort;
import io.atelier.models.tensor.DeviceChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One node of a cluster, in this JVM. Thread-safe. */
public final class ClusterNode implements AutoCloseable {

  private static final String SYSTEM = "atelier";

  private static final Set<NodeRole> ONLY_SCORES = Set.of(NodeRole.REWARD);

  private final ActorSystem<NodeGuardian.Command> system;
  private final NodeControl control;
  private final NetworkTransport transport;
  private final CompletableFuture<Boolean> over;
  private final Optional<AdminServer> admin;

  private ClusterNode(
      ActorSystem<NodeGuardian.Command> system,
      NodeControl control,
      NetworkTransport transport,
      CompletableFuture<Boolean> over,
      Optional<AdminServer> admin) {
    this.system = system;
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
    if (configured.run().dir().isEmpty()) {
      throw new InvalidConfigException(
          "run.dir is empty; the nodes of a cluster need one folder that all learner nodes share");
    }
    configured.cluster().requireHere();
    Seeds.require(configured.cluster());
    Machine.Computing computing =
        Machine.start(
            configured.run().threads(),
            device(configured, roles),
            roles.equals(ONLY_SCORES)
                ? configured.placement().reward().types()
                : configured.placement().types());
    computing.lines().forEach(terminal::line);
    TrainConfig config = configured.withAbsolutePlaces();
    Optional<Identity> begun = Identities.begun(new RunFiles(Path.of(config.run().dir())));
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), begun.isPresent());
    VersionSize.requireSendable(config, compute);
    VersionSize.requireHeap(
        config, compute, roles.contains(NodeRole.LEARNER), roles.contains(NodeRole.REWARD));
    if (roles.contains(NodeRole.GRADIENT)) {
      VersionSize.requireGradientsKept(config, compute);
      VersionSize.requireGradientsSendable(config, compute);
    }
    Identity identity = Identities.of(config, terminal::line, begun);
    NetworkTransport transport =
        listening(
            "transport.port",
            config.transport().port(),
            () -> NetworkTransport.start(config.transport()));
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    try {
      NodeGuardian.Setup setup =
          new NodeGuardian.Setup(
              roles,
              config.cluster().leaderless(),
              new Waiting(config.cluster(), roles),
              terminal::line,
              listener -> host(config, identity, computing, compute, roles, transport, listener),
              () -> lead(config, identity, compute, transport, terminal),
              onLead,
              failure ->
                  failure.ifPresentOrElse(over::completeExceptionally, () -> over.complete(true)),
              () -> over.complete(false));
      ActorSystem<NodeGuardian.Command> system =
          listening(
              "cluster.port",
              config.cluster().port(),
              () ->
                  ActorSystem.create(
                      NodeGuardian.create(setup), SYSTEM, settings(config.cluster(), roles)));
      // not once the actor system has ended: an actor or a connection may be in the way of that
      Cluster.get(Adapter.toClassic(system))
          .registerOnMemberRemoved(() -> over.completeExceptionally(new RemovedException()));
      NodeControl control = new NodeControl(system);
      return new ClusterNode(
          system, control, transport, over, admin(config, system, control, transport));
    } catch (RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  private static DeviceChoice device(TrainConfig config, Set<NodeRole> roles) {
    return roles.equals(ONLY_SCORES)
        ? config.placement().reward().device()
        : config.placement().device(roles.contains(NodeRole.REWARD));
  }

  /** Starts what listens at a port; if that is taken, says so, and by which key. */
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

  private static Optional<AdminServer> admin(
      TrainConfig config, ActorSystem<?> system, NodeControl control, NetworkTransport transport) {
    try {
      return AdminServer.start(config.cluster(), control, transport.plane());
    } catch (RuntimeException e) {
      shutDown(system, CoordinatedShutdown.clusterLeavingReason());
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

  private static Host.Tools host(
      TrainConfig config,
      Identity identity,
      Machine.Computing computing,
      ComputeFactory compute,
      Set<NodeRole> roles,
      Transport transport,
      Host.Listener listener) {
    return new Host.Tools(
        roles.contains(NodeRole.ROLLOUT) ? config.workers().rollout() : 0,
        roles.contains(NodeRole.REWARD) ? config.workers().reward() : 0,
        config.workers().restarts(),
        new Host.GradientWorkers(
            roles.contains(NodeRole.GRADIENT) ? 1 : 0, compute.compute().gradients(), false),
        roles.contains(NodeRole.EVALUATOR) ? compute.compute().evaluation() : Optional.empty(),
        "@" + config.cluster().self(),
        identity,
        computing.what(),
        config.cluster().beat(),
        transport,
        compute.compute().generator(),
        compute.compute().scorer(),
        Clock.system(),
        listener);
  }

  /** Takes the run folder over, and goes on from its newest checkpoint that is whole. */
  private static OpenRun lead(
      TrainConfig config,
      Identity identity,
      ComputeFactory compute,
      Transport transport,
      Terminal terminal) {
    Path root = Path.of(config.run().dir());
    boolean fresh = Files.notExists(new RunFiles(root).config());
    RunFolder folder =
        RunFolder.takeOver(root, config.render(), files -> requireSame(files, identity, config));
    RunFiles files = folder.files();
    Optional<StepState> state =
        new CheckpointStore(files.checkpoints(), config.checkpoint().keep())
            .latest(files.ledger(), terminal::line);
    terminal.line(
        "leading the run in %s as conductor %d, %s"
            .formatted(
                root,
                folder.epoch(),
                state.map(s -> "after step " + s.step()).orElse("from the beginning")));
    folder.requireMine();
    if (fresh) {
      RunIdentity.begin(folder, identity);
    } else {
      goOn(folder, config, identity, state, terminal);
    }
    return OpenRun.open(
        folder,
        config,
        identity,
        state.isPresent() ? compute.begun() : compute,
        state,
        transport,
        Optional.empty(),
        terminal,
        Clock.system());
  }

  private static void requireSame(RunFiles files, Identity identity, TrainConfig config) {
    RunIdentity.requireSame(
        files,
        identity,
        () -> TrainConfig.read(files.config(), List.of()).deciding(),
        config.run().accept());
  }

  private static void goOn(
      RunFolder folder,
      TrainConfig config,
      Identity identity,
      Optional<StepState> state,
      Terminal terminal) {
    state.ifPresent(s -> RunIdentity.requireOwn(folder.files(), s.step()));
    List<String> changed = RunIdentity.goOn(folder, identity, state.map(StepState::step).orElse(0));
    if (!changed.isEmpty()) {
      changed.forEach(terminal::line);
      folder.reconfigure(config.render());
    }
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

  /** Hands back what this node's workers have; {@link #await} returns. */
  public void leave() {
    system.tell(NodeGuardian.Leave.INSTANCE);
  }

  /**
   * Ends the node. While the run goes on it leaves the cluster, and the lead to another node after
   * the step it is at; once the run is over all nodes end, and there is nobody to hand over to.
   */
  @Override
  public void close() {
    admin.ifPresent(AdminServer::close);
    boolean goesOn =
        over.handle(
                (ended, failure) -> failure == null ? !ended : failure instanceof SetAsideException)
            .getNow(true);
    shutDown(
        system,
        goesOn
            ? CoordinatedShutdown.clusterLeavingReason()
            : CoordinatedShutdown.actorSystemTerminateReason());
    transport.close();
  }

  /**
   * Each phase has its time limit; the end of the actor system, with connections that hang, has
   * none.
   */
  private static void shutDown(ActorSystem<?> system, CoordinatedShutdown.Reason reason) {
    CoordinatedShutdown.get(system).runAll(reason).toCompletableFuture().join();
  }
}
