package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.RunEnd;
import io.atelier.learner.Gradient;
import io.atelier.learner.Gradients;
import io.atelier.learner.MicroBatch;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Trajectory;
import io.atelier.tests.toy.Latches;
import io.atelier.tests.toy.ToyGradients;
import io.atelier.tests.toy.ToyPolicy;
import io.atelier.tests.toy.ToyRun;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gradient workers change nothing but who computes, whatever becomes of them. */
@Timeout(120)
class GradientWorkersTest {
  private static final int STEPS = 5;

  /** A step has two optimizer updates of two micro-batches each. */
  private static ToyRun run(List<Supplier<Gradients>> gradients) {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    LedgerConfig config = run.ledger;
    run.ledger = new LedgerConfig(config.schedule(), 4, STEPS, true, 2, 0, config.limits());
    run.policy = () -> new ToyPolicy(2);
    run.gradients = gradients;
    return run;
  }

  /** The learner computes nothing until the first has happened, and little until the second. */
  private static void wait(ToyRun run, CountDownLatch first, CountDownLatch second) {
    run.policy =
        () ->
            new ToyPolicy(2) {
              private int computed;

              @Override
              public Gradient gradient(MicroBatch batch, Trajectory trajectory) {
                Latches.await(first);
                if (++computed
                    > 4) { // a step has four, so the worker can have the other one of this update
                  Latches.await(second);
                }
                return super.gradient(batch, trajectory);
              }
            };
  }

  /** Runs to the end, and expects what a run without gradient workers gives. */
  private static void assertSameBits(ToyRun run) throws Exception {
    ToyRun alone = run(List.of());
    RunEnd expected = alone.start().awaitBalanced();
    RunEnd end = run.start().awaitBalanced();
    assertEquals(expected.policyHash(), end.policyHash());
    assertEquals(expected.criticHash(), end.criticHash());
    for (int step = 0; step < STEPS; step++) {
      assertEquals(
          alone.steps.get(step).metrics().get("policy/ratio"),
          run.steps.get(step).metrics().get("policy/ratio"));
    }
    for (int i = 0; i < run.gradients.size(); i++) {
      assertEquals(0, run.nodes.held("gradient-" + i));
    }
  }

  private static double remoteShare(ToyRun run) {
    return run.steps.stream()
        .mapToDouble(step -> step.metrics().getOrDefault("learner/remote-share", 0.0))
        .sum();
  }

  /** A worker that counts what it computes. */
  private static class Counted extends ToyGradients {
    final CountDownLatch computed;

    Counted(CountDownLatch computed) {
      this.computed = computed;
    }

    @Override
    public Gradient of(MicroBatch batch, Trajectory trajectory) {
      Gradient gradient = super.of(batch, trajectory);
      computed.countDown();
      return gradient;
    }
  }

  @Test
  void shouldHelpALearnerOfTheSameJvm() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    ToyRun run = run(List.of());
    run.workers = new RunSetup.Workers(2, 1, 2, 3, "toys");
    run.ownGradients = () -> new Counted(first);
    wait(run, first, first);
    assertSameBits(run);
    assertTrue(remoteShare(run) > 0, "the gradient workers should have taken part");
  }

  @Test
  void shouldGiveTheSameBitsWithOneOrThreeWorkers() throws Exception {
    for (int workers : new int[] {1, 3}) {
      CountDownLatch first = new CountDownLatch(1);
      ToyRun run = run(Collections.nCopies(workers, () -> new Counted(first)));
      wait(run, first, first);
      assertSameBits(run);
      assertTrue(remoteShare(run) > 0, run.steps::toString);
    }
  }

  @Test
  void shouldGiveTheSameBitsWhenAWorkerFailsInMidBatch() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    CountDownLatch computed = new CountDownLatch(1);
    AtomicInteger lives = new AtomicInteger();
    ToyRun run =
        run(
            List.of(
                () -> {
                  int life = lives.getAndIncrement();
                  return new Counted(computed) {
                    @Override
                    public Gradient of(MicroBatch batch, Trajectory trajectory) {
                      if (life == 0) {
                        failed.countDown();
                        throw new IllegalStateException("killed in mid-batch");
                      }
                      return super.of(batch, trajectory);
                    }
                  };
                }));
    wait(run, failed, computed);
    assertSameBits(run);
    assertEquals(2, lives.get(), "the worker should have been started again, once");
    assertTrue(remoteShare(run) > 0, run.steps::toString);
  }

  @Test
  void shouldGiveTheSameBitsWhenAResultComesLate() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    CountDownLatch late = new CountDownLatch(2);
    ToyRun run =
        run(
            List.of(
                () ->
                    new Counted(late) {
                      @Override
                      public Gradient of(MicroBatch batch, Trajectory trajectory) {
                        started.countDown();
                        Latches.await(letGo);
                        return super.of(batch, trajectory);
                      }
                    }));
    wait(run, started, started);
    run.step =
        report -> {
          if (report.step() == 1) {
            letGo.countDown(); // step 0 went on without it
          }
        };
    assertSameBits(run);
    assertEquals(0, run.steps.get(0).metrics().get("learner/remote-share"));
    assertTrue(late.getCount() < 2, "the late result should have come");
  }

  @Test
  void shouldUseNoWorkerWithWrongWeights() throws Exception {
    AtomicInteger wrong = new AtomicInteger();
    CountDownLatch tried = new CountDownLatch(1);
    ToyRun run =
        run(
            List.of(
                () ->
                    new ToyGradients() {
                      private NamedTensors first;

                      @Override
                      public String load(NamedTensors weights) {
                        first = first == null ? noise(weights) : first;
                        return super.load(first); // a load that changes nothing
                      }

                      @Override
                      public Gradient of(MicroBatch batch, Trajectory trajectory) {
                        wrong.incrementAndGet();
                        tried.countDown();
                        return super.of(batch, trajectory);
                      }
                    }));
    wait(run, tried, tried);
    assertSameBits(run);
    assertEquals(1, wrong.get());
    assertEquals(0, remoteShare(run));
  }

  @Test
  void shouldTellWhatAWorkerHasDone() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CompletableFuture<RunStatus> status = new CompletableFuture<>();
    ToyRun run = run(List.of(() -> new Counted(first)));
    wait(run, first, first);
    run.step =
        report -> {
          if (report.step() == STEPS - 1) {
            status.complete(run.ask(ConductorCommand.Ask::new));
          }
        };
    assertSameBits(run);
    List<RunStatus.Helper> helpers = status.get(0, TimeUnit.SECONDS).helpers();
    assertEquals(1, helpers.size());
    assertEquals("gradient", helpers.get(0).role());
    assertEquals("waits for a micro-batch", helpers.get(0).does());
    assertEquals(remoteShare(run) * 4, helpers.get(0).done(), 1e-9, "of four a step");
  }

  private static NamedTensors noise(NamedTensors weights) {
    Map<String, NamedTensors.Tensor> other = new TreeMap<>();
    weights
        .asMap()
        .forEach(
            (name, t) ->
                other.put(name, new NamedTensors.Tensor(t.shape(), new float[t.values().length])));
    return new NamedTensors(other);
  }
}
