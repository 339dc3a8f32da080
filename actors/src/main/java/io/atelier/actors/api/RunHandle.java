package io.atelier.actors.api;

import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.guardian.Run;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.RunFailedException;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.web.RunActions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run in this JVM. Thread-safe. */
public final class RunHandle implements AutoCloseable {

  /** Akka neither ends the JVM nor writes the log itself. */
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

  /**
   * Grace period for actors that still compute when the run is over: an evaluation may take a while
   * or hang.
   */
  private static final Duration ENDING = Duration.ofSeconds(30);

  private final OpenRun run;
  private final ActorSystem<RunCommand> system;
  private final RunCommands commands;

  /** The thread that is running a listener; null if there is none. */
  private volatile Thread caller;

  private boolean freed;

  private RunHandle(OpenRun run, ActorSystem<RunCommand> system) {
    this.run = run;
    this.system = system;
    this.commands =
        new RunCommands(system, system.scheduler(), run.recorder().end(), run.recorder().meters());
  }

  /** Starts the actors. Takes ownership of {@code run}, even if this fails. */
  static RunHandle start(OpenRun run) {
    try {
      ActorSystem<RunCommand> system =
          ActorSystem.create(
              Run.create(run.setup()), "atelier", SYSTEM.withFallback(ConfigFactory.load()));
      system
          .getWhenTerminated()
          .thenRun(
              () ->
                  run.recorder()
                      .end()
                      .completeExceptionally(
                          new RunFailedException("the run was aborted; the log says why")));
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

  /**
   * Calls {@code listener} after every step from now on. If it throws, the run fails. The run waits
   * for it; it may call all methods of this class except {@link #await}.
   */
  public void onStep(Consumer<StepReport> listener) {
    run.recorder().onStep(calling(listener));
  }

  /** The same after every evaluation. */
  public void onEvaluation(Consumer<EvaluationReport> listener) {
    run.recorder().onEvaluation(calling(listener));
  }

  private <T> Consumer<T> calling(Consumer<T> listener) {
    return report -> {
      caller = Thread.currentThread();
      try {
        listener.accept(report);
      } finally {
        caller = null;
      }
    };
  }

  /**
   * Sets where the run can be watched, for {@code run.json}.
   *
   * @param url of its page
   */
  public void page(String url) {
    run.recorder().page(url);
    system.tell(new RunCommand.Page(url));
  }

  /** Metrics of the run and its alarms, in the text format of Prometheus. */
  public String metrics() {
    return run.recorder().meters().scrape();
  }

  /** The actions that its page offers. */
  public RunActions actions() {
    return commands;
  }

  /** The status of the run. Fails if there is no answer within ten seconds. */
  public CompletionStage<RunStatus> status() {
    return commands.asksStatus();
  }

  /**
   * Pauses the run: no new work is given, but work in progress is finished. Stopping the run ends
   * the pause. Fails as {@link #status} does.
   */
  public CompletionStage<RunStatus.Done> pause() {
    return commands.pause(true);
  }

  /** Ends a pause. */
  public CompletionStage<RunStatus.Done> resume() {
    return commands.pause(false);
  }

  /**
   * Evaluates the newest version of the policy, in addition to evaluations that are due. Completes
   * when that is done and {@link #onEvaluation} was called; fails if the run ends first.
   */
  public CompletionStage<RunStatus.Done> evaluate() {
    return commands.evaluate();
  }

  /**
   * Changes a value from the next step that begins: the weight of a reward, such as {@code
   * reward.jpeg.weight}, {@code learner.learning-rate}, or {@code critic.every}. The ledger records
   * it, so that the run can be repeated with {@code run.amendments}.
   *
   * @param why the reason, for people; may be empty
   * @return what was done, or why nothing was; fails as {@link #status} does
   */
  public CompletionStage<RunStatus.Done> amend(String key, double value, String why) {
    return commands.amend(key, value, why);
  }

  /**
   * Writes a checkpoint at the next step boundary, unless there is one already. Completes when it
   * is in place, or at once if nothing is trained yet; fails if the run ends first.
   */
  public CompletionStage<RunStatus.Done> checkpoint() {
    return commands.checkpoint();
  }

  /**
   * Asks the run to end.
   *
   * @param atOnce immediately, without a checkpoint; otherwise after the current step and its
   *     checkpoint
   */
  public void stop(boolean atOnce) {
    system.tell(new RunCommand.Stop(atOnce));
  }

  /**
   * Waits until the run is over and everything is written.
   *
   * @throws IllegalStateException if called in a listener, for which the run itself waits
   * @throws RuntimeException the first cause, if the run failed
   */
  public RunEnd await() {
    if (isCalling()) {
      throw new IllegalStateException(
          "a listener cannot wait for the end of the run, which waits for the listener; wait in"
              + " another thread");
    }
    try {
      return run.recorder().end().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new RunFailedException(e.getCause().toString(), e.getCause());
    }
  }

  private boolean isCalling() {
    return Thread.currentThread().equals(caller);
  }

  /**
   * Ends the run at once if it is still running, and releases its folder. In a listener it does not
   * wait for that: the run ends when the listener has returned.
   */
  @Override
  public void close() {
    if (!run.recorder().end().isDone()) {
      stop(true);
    }
    if (isCalling()) {
      system.getWhenTerminated().thenRun(this::free);
      return;
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
          "the run is over and all is written; actors that still compute after {} are abandoned",
          ENDING);
    }
    free();
  }

  private synchronized void free() {
    if (!freed) {
      freed = true;
      run.close();
    }
  }
}
