package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import io.atelier.actors.report.RunEnd;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.tests.toy.Latches;
import io.atelier.tests.toy.Limits;
import io.atelier.tests.toy.TestClock;
import io.atelier.tests.toy.ToyGenerator;
import io.atelier.tests.toy.ToyPolicy;
import io.atelier.tests.toy.ToyRun;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** G9: a run in which nothing moves says who waits for what, and recovers or fails. */
@Timeout(180)
class WatchdogTest {

  private static ToyRun run(TestClock clock, Duration lease, Duration watchdog) {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), 4);
    run.clock = clock;
    run.workers = new RunSetup.Workers(1, 1, 0, 3, "toys");
    run.ledger = Limits.with(run.ledger, Limits.of(lease, watchdog, 3, OnUnscorable.REPLACE));
    return run;
  }

  /** Draws nothing in its third group until it is let go. */
  private static final class Hanging extends ToyGenerator {
    private final AtomicInteger samples;
    private final CountDownLatch hangs;
    private final CountDownLatch letGo;

    Hanging(AtomicInteger samples, CountDownLatch hangs, CountDownLatch letGo) {
      this.samples = samples;
      this.hangs = hangs;
      this.letGo = letGo;
    }

    @Override
    public Sampled sample(GroupId id, Prompt prompt) {
      if (samples.incrementAndGet() == 3) {
        hangs.countDown();
        Latches.await(letGo);
      }
      return super.sample(id, prompt);
    }
  }

  @Test
  void shouldNameAHungWorkerAndGoOnWithoutIt() throws Exception {
    RunEnd quiet = new ToyRun(Schedule.fixedLag(1, 1), 4).start().awaitBalanced();
    TestClock clock = new TestClock();
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    AtomicInteger samples = new AtomicInteger();
    ToyRun run = run(clock, Duration.ofHours(1), Duration.ofMinutes(1));
    run.generator = () -> new Hanging(samples, hangs, letGo);
    run.start();
    Latches.await(hangs);
    clock.advance(61);
    String report = run.awaitReport("no progress");
    assertTrue(report.contains("rollout-0 works on group 0.2"), report);
    for (int i = 0; i < 5; i++) {
      clock.advance(11);
    }
    run.awaitReport("rollout-0 gets no more work: it has not answered");
    letGo.countDown();
    RunEnd end = run.awaitBalanced();
    assertEquals(quiet.policyHash(), end.policyHash());
    assertEquals(1, end.counts().released());
  }

  @Test
  void shouldTakeTheLeaseWhenItRunsOut() throws Exception {
    RunEnd quiet = new ToyRun(Schedule.fixedLag(1, 1), 4).start().awaitBalanced();
    TestClock clock = new TestClock();
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    AtomicInteger samples = new AtomicInteger();
    ToyRun run = run(clock, Duration.ofMinutes(1), Duration.ofHours(1));
    run.workers = new RunSetup.Workers(2, 1, 0, 3, "toys");
    run.generator = () -> new Hanging(samples, hangs, letGo);
    run.start();
    Latches.await(hangs);
    clock.advance(61);
    String report = run.awaitReport("is not done; the work goes to another worker");
    assertTrue(report.contains("61000 ms for group"), report);
    assertTrue(report.contains("raise limits.rollout-lease if it takes so long"), report);
    letGo.countDown();
    RunEnd end = run.awaitBalanced();
    assertEquals(quiet.policyHash(), end.policyHash());
    assertEquals(1, end.counts().released());
  }

  @Test
  void shouldFailAndNameTheLearnersWhenAStepNeverEnds() throws Exception {
    TestClock clock = new TestClock();
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    ToyRun run = run(clock, Duration.ofHours(1), Duration.ofMinutes(1));
    run.policy =
        () ->
            new ToyPolicy() {
              @Override
              public PolicyStep begin(int step, List<ScoredGroup> groups) {
                if (step == 1) {
                  hangs.countDown();
                  Latches.await(letGo);
                }
                return super.begin(step, groups);
              }
            };
    run.start();
    Latches.await(hangs);
    while (!run.isDone()) {
      clock.advance(30, run::isDone);
    }
    letGo.countDown();
    String failure = run.awaitFailure().getMessage();
    assertTrue(failure.startsWith("no progress for "), failure);
    assertTrue(failure.contains("the policy learner is at step 1"), failure);
  }
}
