package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepState;
import io.atelier.learner.Policy;
import io.atelier.learner.PolicyStep;
import io.atelier.learner.ScoredGroup;
import io.atelier.models.state.NamedTensors;
import io.atelier.tests.toy.Latches;
import io.atelier.tests.toy.Limits;
import io.atelier.tests.toy.TestClock;
import io.atelier.tests.toy.ToyEvaluation;
import io.atelier.tests.toy.ToyPolicy;
import io.atelier.tests.toy.ToyRun;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Evaluations run aside: they change nothing, no step waits for them, and no run fails with one.
 * Each that is due is made once, or the run says by name that it is not.
 */
@Timeout(180)
class EvaluatorTest {

  private static ToyRun run(int steps, int every) {
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), steps);
    LedgerConfig config = run.ledger;
    run.ledger = new LedgerConfig(config.schedule(), 3, steps, true, 100, every, config.limits());
    return run;
  }

  @Test
  void shouldEvaluateTheFirstAndTheLastVersion() throws Exception {
    RunEnd without = run(5, 0).start().awaitBalanced();
    ToyRun run = run(5, 5);
    RunEnd end = run.start().awaitBalanced();
    assertEquals(Set.of(0, 5), run.evaluations.keySet());
    assertEquals(end.policyHash(), run.evaluations.get(5).policyHash());
    assertEquals(without.policyHash(), end.policyHash());
  }

  /** Evaluates the step when it is let go. */
  private static Supplier<Evaluation> hangs(int hung, CountDownLatch begun, CountDownLatch letGo) {
    return () ->
        new ToyEvaluation() {
          @Override
          public EvaluationReport.Result evaluate(int step, NamedTensors policy) {
            if (step == hung) {
              begun.countDown();
              Latches.await(letGo);
            }
            return super.evaluate(step, policy);
          }
        };
  }

  private static ToyRun resume(ToyRun before, int step, int steps, int every) {
    StepState state = before.checkpoints.get(step);
    ToyRun run = run(steps, every);
    run.resume = Optional.of(state);
    run.journal.addAll(before.journal.subList(0, (int) state.ledger().journalLength()));
    return run;
  }

  private static void assertSameOutcome(EvaluationReport expected, EvaluationReport actual) {
    assertEquals(expected.policyHash(), actual.policyHash());
    assertEquals(expected.result().metrics(), actual.result().metrics());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4})
  void shouldMakeTheEvaluationThatAStopFellIntoWhenTheRunGoesOn(int hung) throws Exception {
    ToyRun quiet = run(6, 2);
    String hash = quiet.start().awaitBalanced().policyHash();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    ToyRun run = run(6, 2);
    run.evaluation = hangs(hung, begun, letGo);
    run.policy = () -> stopsInStep(hung, begun, run);
    RunEnd end = run.start().awaitEnd();
    assertTrue(end.stopped() && end.steps() < 6, end::toString);
    assertFalse(run.evaluations.containsKey(hung), "the stop did not fall into the evaluation");
    String said = "these steps are not evaluated yet, which is done when the run goes on: " + hung;
    assertTrue(run.reports.stream().anyMatch(r -> r.startsWith(said)), run.reports::toString);
    letGo.countDown();
    run.awaitBalanced();
    ToyRun resumed = resume(run, end.steps(), 6, 2);
    run.evaluations.forEach((step, report) -> resumed.evaluated.put(step, report.policyHash()));
    assertEquals(hash, resumed.start().awaitBalanced().policyHash());
    assertTrue(resumed.evaluations.containsKey(hung), resumed.reports::toString);
    assertSameOutcome(quiet.evaluations.get(hung), resumed.evaluations.get(hung));
    Set<Integer> twice = new TreeSet<>(run.evaluations.keySet());
    twice.retainAll(resumed.evaluations.keySet());
    assertEquals(Set.of(), twice, "evaluated twice");
    Set<Integer> made = new TreeSet<>(run.evaluations.keySet());
    made.addAll(resumed.evaluations.keySet());
    assertMadeOrNamed(made, Set.of(0, 2, 4, 6), run, resumed);
  }

  /** Stops the run in a step, once the evaluation of the version before it has begun. */
  private static Policy stopsInStep(int stop, CountDownLatch begun, ToyRun run) {
    return new ToyPolicy() {
      @Override
      public PolicyStep begin(int step, List<ScoredGroup> groups) {
        if (step == stop) {
          Latches.await(begun);
          run.stopInStep();
        }
        return super.begin(step, groups);
      }
    };
  }

  private static void assertMadeOrNamed(Set<Integer> made, Set<Integer> due, ToyRun... lives) {
    for (int step : due) {
      String skipped = "the evaluation at step %d is skipped".formatted(step);
      assertTrue(
          made.contains(step)
              || Arrays.stream(lives)
                  .flatMap(life -> life.reports.stream())
                  .anyMatch(r -> r.startsWith(skipped)),
          "step " + step + " is lost");
    }
  }

  @Test
  void shouldMakeTheEvaluationThatIsLostWithALeaderWhoseCheckpointCameAfterIt() throws Exception {
    ToyRun quiet = run(4, 4);
    quiet.start().awaitBalanced();
    CountDownLatch letGo = new CountDownLatch(1);
    ToyRun run = run(4, 4);
    run.ledger = checkpointEvery(run.ledger, 1);
    run.evaluation = hangs(0, new CountDownLatch(1), letGo);
    run.checkpoint = state -> run.stop(true); // what is left of the first is its checkpoint
    run.start().awaitEnd();
    letGo.countDown();
    run.await();
    assertEquals(Set.of(), run.evaluations.keySet());
    ToyRun resumed = resume(run, 1, 4, 4);
    resumed.start().awaitBalanced();
    assertEquals(Set.of(0, 4), resumed.evaluations.keySet());
    assertSameOutcome(quiet.evaluations.get(0), resumed.evaluations.get(0));
    ToyRun again = resume(run, 1, 4, 4);
    again.evaluated.put(0, resumed.evaluations.get(0).policyHash());
    again.start().awaitBalanced();
    assertEquals(Set.of(4), again.evaluations.keySet(), "what is in the files is not made again");
    ToyRun other = resume(run, 1, 4, 4);
    other.evaluated.put(0, "of other weights");
    other.start().awaitBalanced();
    assertEquals(Set.of(0, 4), other.evaluations.keySet());
  }

  private static LedgerConfig checkpointEvery(LedgerConfig config, int steps) {
    return new LedgerConfig(
        config.schedule(),
        config.groupsPerStep(),
        config.steps(),
        config.critic(),
        steps,
        config.evaluateEvery(),
        config.limits());
  }

  @Test
  void shouldStopInTheLastEvaluationAndMakeItWhenTheRunGoesOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    ToyRun run = run(4, 4);
    run.evaluation = hangs(4, begun, letGo);
    run.start();
    begun.await();
    run.stop(false);
    RunEnd end = run.awaitEnd();
    assertTrue(end.stopped(), "a run that is not measured is not finished");
    assertEquals(4, end.steps());
    letGo.countDown();
    run.awaitBalanced();
    assertEquals(Set.of(0), run.evaluations.keySet());
    ToyRun resumed = resume(run, 4, 4, 4);
    resumed.evaluated.put(0, run.evaluations.get(0).policyHash());
    assertFalse(resumed.start().awaitBalanced().stopped());
    assertEquals(Set.of(4), resumed.evaluations.keySet());
  }

  @Test
  void shouldNameWhatCannotBeEvaluatedAnyMore() throws Exception {
    ToyRun run = run(6, 2);
    run.ledger = checkpointEvery(run.ledger, 1);
    run.start().awaitBalanced();
    ToyRun resumed = resume(run, 5, 6, 2);
    Set<Integer> lost = new TreeSet<>(Set.of(0, 2, 4));
    if (run.evaluations.containsKey(2)) { // on a busy machine it is skipped
      resumed.evaluated.put(2, run.evaluations.get(2).policyHash());
      lost.remove(2);
    }
    LedgerSnapshot snapshot = run.checkpoints.get(5).ledger();
    lost.removeAll(snapshot.evaluations());
    resumed.start().awaitBalanced();
    String names = lost.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String said = "of earlier steps these were not evaluated, and cannot be any more: " + names;
    assertEquals(!lost.isEmpty(), resumed.reports.contains(said), resumed.reports::toString);
    assertTrue(resumed.evaluations.containsKey(6));
  }

  @Test
  void shouldFinishARunWhoseEvaluatorsHang() throws Exception {
    String hash = run(3, 0).start().awaitBalanced().policyHash();
    TestClock clock = new TestClock();
    CountDownLatch letGo = new CountDownLatch(1);
    ToyRun run = run(3, 3);
    run.clock = clock;
    Duration limit = Duration.ofMinutes(2);
    run.ledger =
        Limits.with(run.ledger, Limits.of(limit, Duration.ofMinutes(1), 3, OnUnscorable.REPLACE));
    run.evaluation =
        () ->
            new ToyEvaluation() {
              @Override
              public EvaluationReport.Result evaluate(int step, NamedTensors policy) {
                Latches.await(letGo);
                return super.evaluate(step, policy);
              }
            };
    run.start();
    while (run.steps.size() < 3) {
      clock.advance(0, () -> run.steps.size() == 3);
    }
    while (!run.isDone()) {
      clock.advance(121, run::isDone); // less than what would be a pause of the conductor
    }
    RunEnd end = run.awaitEnd();
    letGo.countDown();
    run.awaitBalanced();
    assertFalse(end.stopped());
    assertEquals(hash, end.policyHash());
    for (int step : new int[] {0, 3}) {
      String given = "the evaluation at step %d is given up: ".formatted(step);
      assertTrue(run.reports.stream().anyMatch(r -> r.startsWith(given)), run.reports::toString);
    }
    assertTrue(
        run.reports.stream().anyMatch(r -> r.contains("raise limits.evaluation")),
        run.reports::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100})
  void shouldFinishARunWhoseEvaluationsFail(int failures) throws Exception {
    String hash = run(3, 0).start().awaitBalanced().policyHash();
    AtomicInteger tried = new AtomicInteger();
    ToyRun run = run(3, 3);
    run.evaluation =
        () -> {
          if (tried.incrementAndGet() <= failures) {
            throw new IllegalStateException("no encoder");
          }
          return new ToyEvaluation();
        };
    RunEnd end = run.start().awaitBalanced();
    assertFalse(end.stopped());
    assertEquals(hash, end.policyHash());
    Set<Integer> made =
        switch (failures) {
          case 1 -> Set.of(0, 3);
          case 2 -> Set.of(3);
          default -> Set.of();
        };
    assertEquals(made, run.evaluations.keySet());
    for (int step : new int[] {0, 3}) {
      boolean given =
          run.reports.stream()
              .anyMatch(
                  r ->
                      r.startsWith("the evaluation at step %d is given up: ".formatted(step))
                          && r.contains("no encoder"));
      assertEquals(!made.contains(step), given, run.reports::toString);
    }
  }

  @Test
  void shouldNotStallStepsWhenAnEvaluationTakesLong() throws Exception {
    CountDownLatch steps = new CountDownLatch(6);
    ToyRun run = run(8, 2);
    run.step = report -> steps.countDown();
    run.evaluation = hangs(0, new CountDownLatch(1), steps);
    run.start().awaitBalanced();
    assertTrue(run.evaluations.containsKey(0), run.evaluations::toString);
    assertTrue(run.evaluations.containsKey(8), run.evaluations::toString);
    assertTrue(
        run.reports.stream().anyMatch(r -> r.startsWith("the evaluation at step 2 is skipped")),
        run.reports::toString);
  }
}
