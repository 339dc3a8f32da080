package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.port.Amendable;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.StepReport;
import io.atelier.tests.toy.ToyRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A weight that is another one from a step on, whose groups are drawn before it is. */
class AmendmentRunTest {

  private static final String KEY = "reward.toy.weight";

  @Test
  void shouldCountFromItsStepOnAndStandInTheLedgerBeforeIt() throws Exception {
    ToyRun run = new ToyRun(Schedule.fixedLag(2, 1), 5);
    run.weights = Map.of("toy", 1.0);
    run.amendable = new Amendable(new TreeSet<>(List.of(KEY)));
    run.amendments = List.of(new Amendment(2, KEY, 2, "twice"), new Amendment(4, KEY, 8, ""));
    run.start().awaitBalanced();
    double[] factors = {1, 1, 2, 2, 8};
    for (StepReport step : run.steps) {
      Map<String, Double> metrics = step.metrics();
      assertEquals(
          factors[step.step()] * metrics.get("reward/toy"),
          metrics.get("reward/total"),
          1e-6,
          "step " + step.step());
    }
    List<LedgerEntry> amended =
        run.journal.stream().filter(entry -> entry instanceof LedgerEntry.Amended).toList();
    assertEquals(
        List.of(
            new LedgerEntry.Amended(2, KEY, 2, "twice"), new LedgerEntry.Amended(4, KEY, 8, "")),
        amended);
    int at = run.journal.indexOf(amended.get(0));
    assertTrue(
        run.journal.subList(0, at).stream()
            .noneMatch(entry -> entry instanceof LedgerEntry.Trained group && group.step() >= 2));
  }

  /** While its last lines are written nothing changes any more, but whoever asks is told. */
  @Test
  void shouldSayThatTheRunIsOver() throws Exception {
    ToyRun run = new ToyRun(Schedule.sync(), 5);
    run.amendable = new Amendable(new TreeSet<>(List.of(KEY)));
    List<String> answers = Collections.synchronizedList(new ArrayList<>());
    run.step = report -> run.stop(true);
    run.forced =
        () ->
            answers.add(
                run.<RunStatus.Done>ask(
                        replyTo -> new ConductorCommand.Amend(KEY, 2, "late", replyTo))
                    .message());
    run.start().await();
    assertEquals("the run is over", answers.get(answers.size() - 1), answers::toString);
  }
}
