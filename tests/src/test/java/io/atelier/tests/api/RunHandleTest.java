package io.atelier.tests.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.api.Atelier;
import io.atelier.actors.api.RunHandle;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.run.checkpoint.CheckpointStore;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.record.Terminal;
import io.atelier.models.assets.EmojiStyle;
import io.atelier.tests.cli.OwnData;
import io.atelier.tests.cli.TinyPipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program asks of a run, from other threads and from its listeners. */
@Timeout(120)
class RunHandleTest {

  @TempDir Path folder;

  private TrainConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of("run.dir=" + folder.resolve("run"), "model.path=" + TinyPipeline.path()));
    settings.addAll(TinyPipeline.SHORT);
    settings.addAll(List.of("run.steps=100000", "checkpoint.every=100000"));
    settings.addAll(List.of(more));
    return TrainConfig.load("dev", settings.toArray(String[]::new));
  }

  private static <T> T answer(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** To wait for the actors there would take the half minute after which they are given up. */
  @Test
  void shouldEndWhenItIsClosedInAListener() throws Exception {
    RunHandle run = Atelier.start(config("checkpoint.every=1"), WarmReward.warm());
    BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
    run.onStep(
        step -> {
          run.close();
          closed.add(step.step());
        });
    RunEnd end = CompletableFuture.supplyAsync(run::await).get(25, TimeUnit.SECONDS);
    assertTrue(end.stopped());
    assertFalse(closed.isEmpty());
    run.close();
    try (RunHandle again =
        Atelier.resume(
            folder.resolve("run"),
            List.of("run.steps=1"),
            Optional.of(WarmReward.warm()),
            Terminal.silent())) {
      assertEquals(1, again.await().steps(), "its folder is free");
    }
  }

  @Test
  void shouldRefuseToWaitForTheEndInAListener() throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    try (RunHandle run = Atelier.start(config(), WarmReward.warm())) {
      run.onStep(
          step -> said.add(assertThrows(IllegalStateException.class, run::await).getMessage()));
      String message = said.poll(60, TimeUnit.SECONDS);
      assertTrue(message.startsWith("a listener cannot wait for the end"), message);
    }
  }

  @Test
  void shouldPauseEvaluateWriteACheckpointAndGoOn() throws Exception {
    BlockingQueue<EvaluationReport> evaluated = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> trained = new LinkedBlockingQueue<>();
    BlockingQueue<CompletionStage<RunStatus.Done>> paused = new LinkedBlockingQueue<>();
    List<String> settings =
        new ArrayList<>(OwnData.write(folder.resolve("data"), EmojiStyle.THREE_D).settings());
    settings.addAll(List.of("run.steps=100000", "checkpoint.every=100000"));
    settings.addAll(List.of("evaluation.every=100000", "evaluation.prompts=2"));
    settings.addAll(List.of("evaluation.shown=2", "evaluation.steps=2"));
    TrainConfig config = config(settings.toArray(String[]::new));
    try (RunHandle run = Atelier.start(config, WarmReward.warm())) {
      run.onEvaluation(evaluated::add);
      run.onStep(
          step -> {
            trained.add(step.step());
            if (step.step() == 2) {
              paused.add(run.pause());
            }
          });
      RunStatus.Done pause = answer(paused.poll(60, TimeUnit.SECONDS));
      assertTrue(pause.done() && pause.message().startsWith("the run paused"), pause::message);
      assertTrue(answer(run.status()).ledger().paused());
      RunStatus.Done written = answer(run.checkpoint());
      int step = answer(run.status()).ledger().trained();
      assertTrue(step >= 3, "step " + step);
      assertEquals("the checkpoint after step %d is written".formatted(step), written.message());
      List<Path> checkpoints =
          new CheckpointStore(new RunFiles(run.folder()).checkpoints(), 1).list();
      assertEquals(1, checkpoints.size());
      assertTrue(checkpoints.get(0).toString().endsWith("0" + step), checkpoints::toString);
      assertEquals(
          "the evaluation at step %d is made".formatted(step), answer(run.evaluate()).message());
      assertEquals(0, evaluated.poll(60, TimeUnit.SECONDS).step(), "the base, as always");
      assertEquals(step, evaluated.poll(60, TimeUnit.SECONDS).step());
      assertEquals(
          "the evaluation at step %d was made before".formatted(step),
          answer(run.evaluate()).message());
      assertEquals(step, answer(run.status()).ledger().trained(), "it stands still");
      assertTrue(answer(run.resume()).message().contains("goes on"));
      trained.clear();
      assertTrue(trained.poll(60, TimeUnit.SECONDS) >= step, "it goes on");
      RunStatus.Done next = answer(run.checkpoint());
      assertFalse(next.message().equals(written.message()), next::message);
      run.stop(false);
      assertTrue(run.await().stopped());
      CompletionException late =
          assertThrows(CompletionException.class, () -> run.status().toCompletableFuture().join());
      assertTrue(late.getMessage().contains("the run is over"), late.getMessage());
    }
  }

  @Test
  void shouldSayThatARunWithoutEvaluationsMakesNone() throws Exception {
    try (RunHandle run = Atelier.start(config(), WarmReward.warm())) {
      RunStatus.Done none = answer(run.evaluate());
      assertFalse(none.done());
      assertEquals("evaluation.every is 0: this run evaluates nothing", none.message());
    }
  }
}
