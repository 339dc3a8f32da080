package io.atelier.actors.api;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Scheduler;
import akka.actor.typed.javadsl.AskPattern;
import akka.japi.function.Function;
import io.atelier.actors.protocol.RunCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.UnansweredException;
import io.atelier.actors.run.record.RunMeters;
import io.atelier.actors.web.RunActions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests of users to a run whose conductor is in this JVM: the whole run, or the leading node of
 * a cluster. Thread-safe.
 *
 * @param end of the run, or of its part here
 * @param meters its metrics
 */
public record RunCommands(
    ActorRef<RunCommand> run, Scheduler scheduler, CompletableFuture<RunEnd> end, RunMeters meters)
    implements RunActions {

  static final int PATIENCE_SECONDS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(PATIENCE_SECONDS);

  /** For requests without a time limit; the end of the run ends them, too. */
  private static final Duration LONG = Duration.ofDays(100);

  /** Time for a long request to report that there is nothing to do. */
  private static final int AT_ONCE_SECONDS = 2;

  private static final String OVER = "the run is over, or ended before it answered";

  CompletionStage<RunStatus> asksStatus() {
    return end.isDone() ? over() : ask(PATIENCE, RunCommand.Ask::new);
  }

  CompletionStage<RunStatus.Done> pause(boolean pause) {
    return has(PATIENCE, replyTo -> new RunCommand.Pause(pause, replyTo));
  }

  CompletionStage<RunStatus.Done> evaluate() {
    return has(LONG, RunCommand.Evaluate::new);
  }

  CompletionStage<RunStatus.Done> amend(String key, double value, String why) {
    return has(PATIENCE, replyTo -> new RunCommand.Amend(key, value, why, replyTo));
  }

  CompletionStage<RunStatus.Done> checkpoint() {
    return has(LONG, RunCommand.Checkpoint::new);
  }

  /** Makes a request; fails at once if the run ends first. */
  private CompletionStage<RunStatus.Done> has(
      Duration patience, Function<ActorRef<RunStatus.Done>, RunCommand> question) {
    return end.isDone() ? over() : ask(patience, question).applyToEither(over(), done -> done);
  }

  private <T> CompletionStage<T> ask(
      Duration patience, Function<ActorRef<T>, RunCommand> question) {
    return AskPattern.ask(run, question, patience, scheduler);
  }

  private <T> CompletionStage<T> over() {
    return end.handle(
        (done, failure) -> {
          throw new IllegalStateException(OVER, failure);
        });
  }

  // ---------------------------------------------------------------- from a page

  @Override
  public RunStatus.Done act(String name, Map<String, String> values) {
    return switch (name) {
      case "pause" -> answer(pause(true));
      case "resume" -> answer(pause(false));
      case "stop" -> {
        run.tell(new RunCommand.Stop(false));
        yield new RunStatus.Done(true, "the run stops after this step and its checkpoint");
      }
      case "checkpoint" -> unlessAtOnce(checkpoint(), "a checkpoint is written after this step");
      case "evaluate" ->
          unlessAtOnce(evaluate(), "the newest version is evaluated in the background");
      case "amend" -> amend(values);
      default -> new RunStatus.Done(false, "a run cannot " + name);
    };
  }

  @Override
  public String metrics() {
    return meters.scrape();
  }

  @Override
  public RunStatus status() {
    return wait(asksStatus());
  }

  private RunStatus.Done amend(Map<String, String> values) {
    double value;
    try {
      value = Double.parseDouble(values.getOrDefault("value", ""));
    } catch (NumberFormatException e) {
      return new RunStatus.Done(false, "\"%s\" is no number".formatted(values.get("value")));
    }
    return answer(amend(values.getOrDefault("key", ""), value, values.getOrDefault("why", "")));
  }

  /**
   * Answers {@code otherwise} for a request that takes long and goes on; an immediate answer is
   * passed on.
   */
  private static RunStatus.Done unlessAtOnce(
      CompletionStage<RunStatus.Done> answer, String otherwise) {
    return answer(
        answer
            .toCompletableFuture()
            .copy()
            .completeOnTimeout(
                new RunStatus.Done(true, otherwise), AT_ONCE_SECONDS, TimeUnit.SECONDS));
  }

  private static RunStatus.Done answer(CompletionStage<RunStatus.Done> answer) {
    try {
      return wait(answer);
    } catch (UnansweredException e) {
      return new RunStatus.Done(false, e.getMessage());
    }
  }

  private static <T> T wait(CompletionStage<T> answer) {
    try {
      return answer.toCompletableFuture().join();
    } catch (CompletionException e) {
      Throwable why = e.getCause();
      throw new UnansweredException(
          why instanceof TimeoutException
              ? "the run does not answer within %d s".formatted(PATIENCE_SECONDS)
              : String.valueOf(why.getMessage()),
          e);
    }
  }
}
