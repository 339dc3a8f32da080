package io.atelier.actors.node;

import io.atelier.actors.api.Identities;
import io.atelier.actors.api.OpenRun;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.api.plan.NodeMemory;
import io.atelier.actors.api.plan.VersionSize;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Transport;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.actors.run.record.RunMeters;
import io.atelier.actors.run.record.Terminal;
import io.atelier.actors.worker.HostSetup;
import io.atelier.models.tensor.DeviceChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What a node has to do, whatever actor system it is in. Made before anything listens: what is
 * wrong with the configuration is found here.
 *
 * @param config with absolute places
 * @param roles what the node is there for
 * @param identity what it would compute
 * @param computing what it computes with
 * @param compute makers of its compute objects
 */
record NodeWork(
    TrainConfig config,
    Set<NodeRole> roles,
    Identity identity,
    Machine.Computing computing,
    ComputeFactory compute) {

  private static final Set<NodeRole> ONLY_SCORES = Set.of(NodeRole.REWARD);

  /**
   * @param plugins who makes rewards of plug-ins
   */
  static NodeWork of(
      TrainConfig configured, Set<NodeRole> roles, Plugins plugins, Terminal terminal) {
    if (configured.run().dir().isEmpty()) {
      throw new InvalidConfigException(
          "run.dir is empty; the nodes of a cluster need one folder that all learner nodes share");
    }
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
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), plugins, begun.isPresent());
    VersionSize.requireSendable(config, compute);
    VersionSize.requireHeap(
        config, compute, roles.contains(NodeRole.LEARNER), roles.contains(NodeRole.REWARD));
    NodeMemory.require(
        config,
        compute,
        roles.contains(NodeRole.LEARNER),
        roles.contains(NodeRole.ROLLOUT),
        roles.contains(NodeRole.REWARD),
        roles.contains(NodeRole.GRADIENT));
    if (roles.contains(NodeRole.GRADIENT)) {
      VersionSize.requireGradientsKept(config, compute);
      VersionSize.requireGradientsSendable(config, compute);
    }
    Identity identity = Identities.of(config, plugins, terminal::line, begun);
    return new NodeWork(config, roles, identity, computing, compute);
  }

  private static DeviceChoice device(TrainConfig config, Set<NodeRole> roles) {
    return roles.equals(ONLY_SCORES)
        ? config.placement().reward().device()
        : config.placement().device(roles.contains(NodeRole.REWARD));
  }

  /**
   * What the actors of the node are made of.
   *
   * @param pagePort of the page that this node has while it leads; -1 for none
   * @param onLead told of the run folder when this node leads the run
   * @param led told of the figures of the run when this node leads it
   * @param over completed with whether the run is over, or this node left it
   */
  NodeGuardian.Setup setup(
      Transport transport,
      Terminal terminal,
      int pagePort,
      Consumer<Path> onLead,
      Consumer<RunMeters> led,
      CompletableFuture<Boolean> over) {
    return new NodeGuardian.Setup(
        roles,
        config.cluster().leaderless(),
        new Waiting(config.cluster(), roles),
        terminal::line,
        listener -> host(transport, listener),
        () -> {
          OpenRun run = lead(transport, terminal);
          led.accept(run.recorder().meters());
          return run;
        },
        pagePort,
        onLead,
        failure -> failure.ifPresentOrElse(over::completeExceptionally, () -> over.complete(true)),
        () -> over.handle((ended, failure) -> failure == null && ended).getNow(false),
        () -> over.complete(false));
  }

  private HostSetup host(Transport transport, HostSetup.Listener listener) {
    return new HostSetup(
        roles.contains(NodeRole.ROLLOUT) ? config.workers().rollout() : 0,
        roles.contains(NodeRole.REWARD) ? config.workers().reward() : 0,
        config.workers().restarts(),
        new HostSetup.GradientWorkers(
            roles.contains(NodeRole.GRADIENT) ? 1 : 0, compute.compute().gradients(), false),
        roles.contains(NodeRole.EVALUATOR) ? compute.compute().evaluation() : Optional.empty(),
        "@" + config.cluster().self(),
        identity,
        computing.what(),
        config.cluster().beat(),
        transport,
        compute.compute().generator(),
        compute.compute().scorer(),
        config.pictures().made(),
        Clock.system(),
        listener);
  }

  /** Takes the run folder over, and goes on from its newest checkpoint that is whole. */
  private OpenRun lead(Transport transport, Terminal terminal) {
    Path root = Path.of(config.run().dir());
    boolean fresh = Files.notExists(new RunFiles(root).config());
    RunFolder folder = RunFolder.takeOver(root, config.render(), this::requireSame);
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
      goOn(folder, state, terminal);
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

  private void requireSame(RunFiles files) {
    RunIdentity.requireSame(
        files,
        identity,
        () -> TrainConfig.read(files.config(), List.of()).deciding(),
        config.run().accept());
  }

  private void goOn(RunFolder folder, Optional<StepState> state, Terminal terminal) {
    state.ifPresent(s -> RunIdentity.requireOwn(folder.files(), s.step()));
    List<String> changed = RunIdentity.goOn(folder, identity, state.map(StepState::step).orElse(0));
    if (!changed.isEmpty()) {
      changed.forEach(terminal::line);
      folder.reconfigure(config.render());
    }
  }
}
