package io.atelier.actors.cli;

import io.atelier.actors.RunStatus;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.web.RunActions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What the page of a run in this process may have it do. */
record HandleActions(RunHandle run) implements RunActions {

  private static final int AT_ONCE_SECONDS = 2;

  @Override
  public RunStatus.Done act(String name, Map<String, String> values) {
    return switch (name) {
      case "pause" -> answer(run.pause());
      case "resume" -> answer(run.resume());
      case "stop" -> {
        run.stop(false);
        yield new RunStatus.Done(true, "the run stops after this step and its checkpoint");
      }
      case "checkpoint" ->
          unlessAtOnce(run.checkpoint(), "a checkpoint is written after this step");
      case "evaluate" ->
          unlessAtOnce(run.evaluate(), "the newest version is evaluated beside the steps");
      case "amend" -> amend(values);
      default -> new RunStatus.Done(false, "a run cannot " + name);
    };
  }

  @Override
  public Optional<String> metrics() {
    return Optional.of(run.metrics());
  }

  private RunStatus.Done amend(Map<String, String> values) {
    double value;
    try {
      value = Double.parseDouble(values.getOrDefault("value", ""));
    } catch (NumberFormatException e) {
      return new RunStatus.Done(false, "\"%s\" is no number".formatted(values.get("value")));
    }
    return answer(run.amend(values.getOrDefault("key", ""), value, values.getOrDefault("why", "")));
  }

  /** What takes long is only begun; that nothing is done is said at once. */
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
      return answer.toCompletableFuture().join();
    } catch (CompletionException e) {
      return new RunStatus.Done(false, Failures.line(e.getCause()));
    }
  }
}
