package io.atelier.actors.api;

import akka.actor.typed.Behavior;
import io.atelier.actors.api.assembly.Assembly;
import io.atelier.actors.api.plan.MemoryPlan;
import io.atelier.actors.api.plan.RunPlan;
import io.atelier.actors.api.plan.Speeds;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.plugins.Plugins;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.LocalTransport;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.report.StepState;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.folder.Fork;
import io.atelier.actors.run.folder.FreeFolder;
import io.atelier.actors.run.folder.RunFolder;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.actors.run.record.Terminal;
import io.atelier.reward.sum.RewardSum;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Starts runs in this JVM:
 *
 * <pre>{@code
 * var reward = Rewards.adversarial(encoder).weight(0.7).plus(Rewards.of("mine", score).weight(0.3));
 * try (var run = Atelier.start(TrainConfig.load("dev"), reward)) {
 *   run.onStep(step -> System.out.println(step.metrics()));
 *   run.await();
 * }
 * }</pre>
 */
public final class Atelier {

  private Atelier() {}

  /** Starts a fresh run with the reward that its configuration describes. */
  public static RunHandle start(TrainConfig config) {
    return start(config, Optional.empty(), Terminal.silent());
  }

  /** Starts a fresh run with the caller's reward. */
  public static RunHandle start(TrainConfig config, RewardSum reward) {
    return start(config, Optional.of(reward), Terminal.silent());
  }

  /**
   * Starts a fresh run.
   *
   * @param reward in place of the configured one
   * @param terminal where progress is shown
   */
  public static RunHandle start(TrainConfig config, Optional<RewardSum> reward, Terminal terminal) {
    return RunHandle.start(begun(config, reward, Plugins.found(), terminal).get());
  }

  /**
   * A fresh run as an actor of an existing system. Errors of the configuration are found here. The
   * actor opens the run folder, and closes it when it stops: when the run is over, when it receives
   * {@link io.atelier.actors.protocol.RunCommand.Stop}, or when its parent stops. Opening reads and
   * writes files, so spawn it with {@code DispatcherSelector.blocking()}.
   *
   * @param plugins creates rewards of plug-ins: {@link Plugins#found} and the program's own
   * @param observer receives the events of the run
   */
  public static Behavior<RunCommand> behavior(
      TrainConfig config, Plugins plugins, RunObserver observer) {
    return EmbeddedRun.create(
        begun(config, Optional.empty(), plugins, Terminal.silent()), observer);
  }

  /** The same without an observer; the run folder records everything. */
  public static Behavior<RunCommand> behavior(TrainConfig config, Plugins plugins) {
    return behavior(config, plugins, new RunObserver() {});
  }

  /** Checks a configuration; the run folder is opened later. */
  private static Supplier<OpenRun> begun(
      TrainConfig config, Optional<RewardSum> reward, Plugins plugins, Terminal terminal) {
    TrainConfig named = reward.map(r -> config.withSupplied(r.names())).orElse(config);
    Path root =
        named.run().dir().isEmpty()
            ? RunFolder.nextFree(Path.of("runs"))
            : Path.of(named.run().dir());
    TrainConfig resolved = named.with("run.dir=" + root).withAbsolutePlaces();
    Machine.Computing computing = engine(resolved, terminal);
    ComputeFactory compute = Assembly.factory(resolved, reward, plugins, false);
    MemoryPlan.requireFits(resolved, compute, Machine.memory(resolved.placement().device(true)));
    Identity identity = Identities.of(resolved, plugins, terminal::line, Optional.empty());
    return () -> {
      RunFolder folder = RunFolder.create(root, resolved.render());
      try {
        RunIdentity.begin(folder, identity);
      } catch (RuntimeException e) {
        folder.abandon();
        throw e;
      }
      return open(folder, resolved, identity, computing, compute, Optional.empty(), terminal);
    };
  }

  private static OpenRun open(
      RunFolder folder,
      TrainConfig config,
      Identity identity,
      Machine.Computing computing,
      ComputeFactory compute,
      Optional<StepState> resume,
      Terminal terminal) {
    RunSetup.Workers workers =
        new RunSetup.Workers(
            config.workers().rollout(),
            config.workers().reward(),
            config.workers().gradient(),
            config.workers().restarts(),
            computing.what());
    return OpenRun.open(
        folder,
        config,
        identity,
        compute,
        resume,
        new LocalTransport(config.workers().blobBytes()),
        Optional.of(workers),
        terminal,
        Clock.system());
  }

  /** Describes what a run of this configuration would do; fails if {@link #start} would. */
  public static RunPlan plan(TrainConfig config) {
    ComputeFactory compute = Assembly.factory(config, Optional.empty(), false);
    if (!config.run().dir().isEmpty()) {
      FreeFolder.require(Path.of(config.run().dir()));
    }
    MemoryPlan memory =
        MemoryPlan.requireFits(config, compute, Machine.memory(config.placement().device(true)));
    return RunPlan.of(config, compute, memory, Speeds.here());
  }

  /** Resumes a run that was stopped, was killed or failed, with the configured reward. */
  public static RunHandle resume(Path root) {
    return resume(root, List.of(), Optional.empty(), Terminal.silent());
  }

  /**
   * The same with some changes.
   *
   * @param overrides as below
   */
  public static RunHandle resume(Path root, List<String> overrides) {
    return resume(root, overrides, Optional.empty(), Terminal.silent());
  }

  /**
   * Resumes a run from its newest intact checkpoint.
   *
   * @param overrides {@code key=value} pairs; only keys that do not affect the result, {@code
   *     run.steps}, and new locations of the same data
   * @param reward the reward that the run was started with, if it did not come from the
   *     configuration
   * @param terminal where progress is shown
   */
  public static RunHandle resume(
      Path root, List<String> overrides, Optional<RewardSum> reward, Terminal terminal) {
    RunFiles files = RunFolder.existing(root);
    for (String override : overrides) {
      String key = override.split("=", 2)[0].strip();
      if (key.equals("run.dir") || !TrainConfig.changeable(key)) {
        throw new InvalidConfigException(
            ("%s cannot change when a run is resumed, only run.steps, checkpoint.*, workers.* and"
                    + " limits.*, and where its data and servers are; start another run for it")
                .formatted(key));
      }
    }
    TrainConfig config =
        TrainConfig.read(files.config(), overrides).with("run.dir=" + root).withAbsolutePlaces();
    requireSameReward(config, reward);
    Optional<Identity> begun = Identities.begun(files);
    Machine.Computing computing = engine(config, terminal);
    Plugins plugins = Plugins.found();
    ComputeFactory compute = Assembly.factory(config, reward, plugins, begun.isPresent());
    MemoryPlan.requireFits(config, compute, Machine.memory(config.placement().device(true)));
    Identity identity = Identities.of(config, plugins, terminal::line, begun);
    RunIdentity.requireSame(files, identity, config::deciding, config.run().accept());
    RunFolder folder = RunFolder.resume(root);
    try {
      CheckpointStore checkpoints =
          new CheckpointStore(files.checkpoints(), config.checkpoint().keep());
      Optional<StepState> state = checkpoints.latest(files.ledger(), terminal::line);
      int trained = state.map(StepState::step).orElse(0);
      terminal.line(
          state.isPresent()
              ? "resuming after step %d".formatted(trained)
              : "there is no checkpoint yet: starting from the beginning");
      if (trained > config.run().steps()) {
        throw new RunFolderException(
            "run.steps is %d, but %s has trained %d; give a larger one"
                .formatted(config.run().steps(), root, trained));
      }
      if (state.isPresent()) {
        RunIdentity.requireOwn(files, trained);
      }
      RunIdentity.goOn(folder, identity, trained).forEach(terminal::line);
      folder.reconfigure(config.render());
      return RunHandle.start(
          open(
              folder,
              config,
              identity,
              computing,
              state.isPresent() ? compute.begun() : compute,
              state,
              terminal));
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /**
   * Creates a run folder that continues from a checkpoint of another run, with changes; {@link
   * #resume} then runs it.
   *
   * @param parent run folder
   * @param step steps trained of the checkpoint; empty for the newest
   * @param root the new folder, missing or empty
   * @param overrides {@code key=value} pairs, of any key except those that decide which groups a
   *     step has
   * @return steps that the fork begins with
   */
  public static int fork(Path parent, Optional<Integer> step, Path root, List<String> overrides) {
    RunFiles files = RunFolder.existing(parent);
    Fork fork = Fork.of(files, step);
    TrainConfig before = TrainConfig.read(files.config(), List.of());
    TrainConfig config =
        TrainConfig.read(files.config(), overrides).with("run.dir=" + root).withAbsolutePlaces();
    if (!config.schedule().equals(before.schedule())
        || config.groupsPerStep() != before.groupsPerStep()) {
      throw new InvalidConfigException(
          "schedule.* and learner.groups-per-step decide which groups a step has, and cannot change"
              + " in the middle; start another run for it");
    }
    Plugins plugins = Plugins.found();
    Identity identity = Identities.of(config, plugins, line -> {}, Identities.begun(files));
    RunFolder folder = RunFolder.create(root, config.render());
    try {
      fork.into(folder);
      RunIdentity.goOn(folder, identity, fork.step());
      return fork.step();
    } catch (RuntimeException e) {
      Fork.undo(folder); // a partial fork could be resumed from the beginning
      throw e;
    } finally {
      folder.close();
    }
  }

  private static void requireSameReward(TrainConfig config, Optional<RewardSum> reward) {
    String supplied = reward.map(r -> String.join(", ", r.names())).orElse("");
    if (!config.reward().supplied().equals(supplied)) {
      throw new InvalidConfigException(
          config.reward().supplied().isEmpty()
              ? "this run's reward is the configured one; resume it without another"
              : "this run's reward (%s) came from a program; resume it there with the same"
                  .formatted(config.reward().supplied()));
    }
  }

  private static Machine.Computing engine(TrainConfig config, Terminal terminal) {
    Machine.Computing computing =
        Machine.start(
            config.run().threads(), config.placement().device(true), config.placement().types());
    computing.lines().forEach(terminal::line);
    return computing;
  }

  /** The configuration of a run's ledger. */
  static LedgerConfig ledger(TrainConfig config, ComputeFactory compute) {
    return new LedgerConfig(
        config.schedule(),
        config.groupsPerStep(),
        config.run().steps(),
        !compute.reward().taught().isEmpty(),
        config.checkpoint().every(),
        config.evaluation().every(),
        config.limits());
  }
}
