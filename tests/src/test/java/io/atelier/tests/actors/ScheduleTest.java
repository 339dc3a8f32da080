package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.RunEnd;
import io.atelier.actors.RunSetup;
import io.atelier.actors.ledger.LedgerAudit;
import io.atelier.actors.ledger.Schedule;
import io.atelier.tests.toy.ToyRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ScheduleTest {
  private static final int STEPS = 6;

  @Test
  void shouldGiveTheSameBitsWhenSyncOrFixedLagOfNothing() throws Exception {
    RunEnd sync = run(Schedule.sync(), 2);
    RunEnd fixed = run(Schedule.fixedLag(0, 0), 2);
    assertEquals(sync.policyHash(), fixed.policyHash());
    assertEquals(sync.criticHash(), fixed.criticHash());
    assertEquals(STEPS, sync.steps());
  }

  private static RunEnd run(Schedule schedule, int rollouts) throws Exception {
    ToyRun run = new ToyRun(schedule, STEPS);
    run.workers = new RunSetup.Workers(rollouts, 1, 3);
    RunEnd end = run.start().await();
    LedgerAudit.Result audit = LedgerAudit.of(run.journal);
    assertTrue(audit.balanced(), () -> String.join("\n", audit.problems()));
    assertEquals(end.policyHash(), audit.policyHash());
    return end;
  }

  @Test
  void shouldGiveTheSameBitsWhenWorkersDiffer() throws Exception {
    RunEnd one = run(Schedule.fixedLag(1, 1), 1);
    RunEnd three = run(Schedule.fixedLag(1, 1), 3);
    assertEquals(one.policyHash(), three.policyHash());
    assertEquals(one.criticHash(), three.criticHash());
    assertNotEquals(one.policyHash(), run(Schedule.sync(), 3).policyHash());
  }
}
