package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.RunEnd;
import io.atelier.actors.ledger.LedgerConfig;
import io.atelier.actors.ledger.Schedule;
import io.atelier.models.state.NamedTensors;
import io.atelier.tests.toy.ToyEvaluation;
import io.atelier.tests.toy.ToyRun;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Evaluations run aside: they change nothing, and no step waits for them. */
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

  @Test
  void shouldNotStallStepsWhenAnEvaluationTakesLong() throws Exception {
    CountDownLatch steps = new CountDownLatch(6);
    ToyRun run = run(8, 2);
    run.step = report -> steps.countDown();
    run.evaluation =
        () ->
            new ToyEvaluation() {
              @Override
              public Result evaluate(int step, NamedTensors policy) {
                try {
                  steps.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                return super.evaluate(step, policy);
              }
            };
    run.start().awaitBalanced();
    assertTrue(run.evaluations.containsKey(0), run.evaluations::toString);
    assertTrue(run.evaluations.containsKey(8), run.evaluations::toString);
    assertTrue(
        run.reports.stream().anyMatch(r -> r.startsWith("the evaluation at step 2 is skipped")),
        run.reports::toString);
  }
}
