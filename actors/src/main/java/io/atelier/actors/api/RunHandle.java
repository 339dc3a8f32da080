package io.atelier.actors.api;

import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.Clock;
import io.atelier.actors.EvaluationReport;
import io.atelier.actors.LocalTransport;
import io.atelier.actors.Run;
import io.atelier.actors.RunEnd;
import io.atelier.actors.RunFailedException;
import io.atelier.actors.RunSetup;
import io.atelier.actors.StepReport;
import io.atelier.actors.StepState;
import io.atelier.actors.compute.ComputeFactory;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.identity.Identity;
import io.atelier.actors.machine.Machine;
import io.atelier.actors.run.RunFolder;
import io.atelier.actors.run.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run that goes on in this JVM. Thread-safe. */
public final class RunHandle implements AutoCloseable {

  /** The shell, not Akka, ends the JVM and writes the log. */
  private static final Config SYSTEM =
      ConfigFactory.parseString(
          """
          akka.loggers = ["akka.event.slf4j.Slf4jLogger"]
          akka.logging-filter = "akka.event.slf4j.Slf4jLoggingFilter"
          akka.stdout-loglevel = OFF
          akka.loglevel = INFO
          akka.coordinated-shutdown.run-by-jvm-shutdown-hook = off
          akka.coordinated-shutdown.run-by-actor-system-terminate = off
          """);

  private static final Logger LOG = LoggerFactory.getLogger(RunHandle.class);

  /** For actors that compute when the run is over: an evaluation takes a while, or hangs. */
  private static final Duration ENDING = Duration.ofSeconds(30);

  private final OpenRun run;
  private final ActorSystem<Run.Command> system;

  private RunHandle(OpenRun run, ActorSystem<Run.Command> system) {
    this.run = run;
    this.system = system;
  }

  /**
   * Starts the actors. Takes {@code folder} over, also when this fails.
   *
   * @param identity what the run is
   * @param computing what this process computes with
   * @param resume the checkpoint to go on from; empty to begin
   */
  static RunHandle start(
      RunFolder folder,
      TrainConfig config,
      Identity identity,
      Machine.Computing computing,
      ComputeFactory compute,
      Optional<StepState> resume,
      Terminal terminal,
      Clock clock) {
    RunSetup.Workers workers =
        new RunSetup.Workers(
            config.workers().rollout(),
            config.workers().reward(),
            config.workers().gradient(),
            config.workers().restarts(),
            computing.what());
    OpenRun run =
        OpenRun.open(
            folder,
            config,
            identity,
            compute,
            resume,
            new LocalTransport(config.workers().blobBytes()),
            Optional.of(workers),
            terminal,
            clock);
    try {
      ActorSystem<Run.Command> system =
          ActorSystem.create(
              Run.create(run.setup()), "atelier", SYSTEM.withFallback(ConfigFactory.load()));
      system
          .getWhenTerminated()
          .thenRun(
              () ->
                  run.recorder()
                      .end()
                      .completeExceptionally(
                          new RunFailedException("the run broke off; the log says why")));
      return new RunHandle(run, system);
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
  }

  /** The folder that the run writes. */
  public Path folder() {
    return run.files().root();
  }

  /** Calls {@code listener} after every step from now on. If it throws, the run fails. */
  public void onStep(Consumer<StepReport> listener) {
    run.recorder().onStep(listener);
  }

  /** Calls {@code listener} after every evaluation from now on. If it throws, the run fails. */
  public void onEvaluation(Consumer<EvaluationReport> listener) {
    run.recorder().onEvaluation(listener);
  }

  /**
   * Asks the run to end.
   *
   * @param atOnce now, and without a checkpoint; otherwise after the current step and its
   *     checkpoint
   */
  public void stop(boolean atOnce) {
    system.tell(new Run.Stop(atOnce));
  }

  /**
   * Waits until the run is over and everything is written.
   *
   * @throws RuntimeException the first cause, if the run failed
   */
  public RunEnd await() {
    try {
      return run.recorder().end().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new RunFailedException(e.getCause().toString(), e.getCause());
    }
  }

  /** Ends the run at once if it still goes on, and gives its folder free. */
  @Override
  public void close() {
    if (!run.recorder().end().isDone()) {
      stop(true);
    }
    boolean ended =
        system
            .getWhenTerminated()
            .toCompletableFuture()
            .thenApply(done -> true)
            .completeOnTimeout(false, ENDING.toSeconds(), TimeUnit.SECONDS)
            .join();
    if (!ended) {
      LOG.warn(
          "the run is over and all is written; what still computes after {} is left to itself",
          ENDING);
    }
    run.close();
  }
}
