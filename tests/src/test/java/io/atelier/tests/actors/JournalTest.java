package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.RunEnd;
import io.atelier.tests.toy.Latches;
import io.atelier.tests.toy.ToyRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal is written beside the conductor, in order, and is whole when it must be. */
@Timeout(180)
class JournalTest {
  private static final int STEPS = 6;

  private static ToyRun run() {
    return new ToyRun(Schedule.fixedLag(1, 1), STEPS);
  }

  /** A disk that stands still holds up the run in the end, but not the conductor. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void shouldAnswerAndTrainOneStepMoreWhileTheDiskStandsStill(int step) throws Exception {
    CountDownLatch stands = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    ToyRun run = run();
    run.ledger = everyCheckpointAt(run, STEPS);
    run.written =
        entry -> {
          if (entry instanceof LedgerEntry.Step done && done.step() == step) {
            stands.countDown();
            Latches.await(goesOn);
          }
        };
    run.start();
    Latches.await(stands);
    RunStatus status = run.ask(ConductorCommand.Ask::new);
    String behind = "the ledger file is written up to step %d".formatted(step);
    while (status.ledger().waiting().stream().noneMatch(w -> w.startsWith(behind))) {
      assertTrue(status.ledger().trained() <= step + 2, status::toString);
      status = run.ask(ConductorCommand.Ask::new);
    }
    assertEquals(step + 2, status.ledger().trained());
    assertFalse(run.isDone());
    goesOn.countDown();
    assertEquals(run().start().awaitBalanced().policyHash(), run.awaitBalanced().policyHash());
  }

  private static LedgerConfig everyCheckpointAt(ToyRun run, int every) {
    LedgerConfig config = run.ledger;
    return new LedgerConfig(
        config.schedule(), config.groupsPerStep(), config.steps(), true, every, 0, config.limits());
  }

  /** The checkpoint of a step holds the journal up to that step, made lasting before. */
  @Test
  void shouldSyncUpToTheCheckpointAndNoFurther() throws Exception {
    ToyRun run = run();
    AtomicInteger synced = new AtomicInteger();
    run.forced = () -> synced.set(run.journal.size());
    run.checkpoint =
        state -> {
          long length = state.ledger().journalLength();
          assertTrue(length <= synced.get(), "not lasting: " + length);
          LedgerEntry last = run.journal.get((int) length - 1);
          assertEquals(state.step() - 1, ((LedgerEntry.Step) last).step());
        };
    assertEquals(STEPS, run.start().awaitBalanced().steps());
    assertEquals(STEPS, run.checkpoints.size());
  }

  /** The shell closes the files at the end: nothing may be left to write then. */
  @ParameterizedTest
  @ValueSource(strings = {"finished", "stopped", "failed: no space left on device"})
  void shouldWriteAllBeforeTheEnd(String outcome) throws Exception {
    ToyRun run = run();
    AtomicInteger atTheEnd = new AtomicInteger();
    CountDownLatch ends = new CountDownLatch(1);
    CountDownLatch slow = new CountDownLatch(1);
    run.written =
        entry -> {
          if (entry instanceof LedgerEntry.Ended) {
            ends.countDown();
            Latches.await(slow);
          }
        };
    run.forced = () -> atTheEnd.set(run.journal.size());
    run.step =
        report -> {
          if (report.step() == 2 && outcome.equals("stopped")) {
            run.stop(false);
          } else if (report.step() == 2 && outcome.startsWith("failed")) {
            throw new IllegalStateException("no space left on device");
          }
        };
    run.start();
    Latches.await(ends);
    assertFalse(run.isDone(), "the end does not wait for the journal");
    slow.countDown();
    if (outcome.startsWith("failed")) {
      assertEquals("no space left on device", run.awaitFailure().getMessage());
    } else {
      run.await();
    }
    LedgerEntry last = run.journal.get(run.journal.size() - 1);
    assertEquals(outcome, assertInstanceOf(LedgerEntry.Ended.class, last).outcome());
    assertEquals(run.journal.size(), atTheEnd.get(), "not lasting");
  }

  @ParameterizedTest
  @ValueSource(strings = {"trained", "step", "ended", "sync"})
  void shouldFailWithTheCauseWhenTheJournalCannotBeWritten(String what) throws Exception {
    ToyRun run = run();
    UncheckedIOException full =
        new UncheckedIOException("cannot write to the ledger", new IOException("disk full"));
    run.written =
        entry -> {
          boolean fails =
              switch (what) {
                case "trained" -> entry instanceof LedgerEntry.Trained t && t.step() == 2;
                case "step" -> entry instanceof LedgerEntry.Step s && s.step() == 2;
                case "ended" -> entry instanceof LedgerEntry.Ended;
                default -> false;
              };
          if (fails) {
            throw full;
          }
        };
    run.forced =
        () -> {
          if (what.equals("sync")) {
            throw full;
          }
        };
    Throwable failure = run.start().awaitFailure();
    assertTrue(failure.getMessage().startsWith("cannot write to the ledger"), failure::toString);
    assertEquals(full, failure.getCause());
  }

  @Test
  void shouldGoOnFromACheckpointWhoseJournalWasWrittenLate() throws Exception {
    ToyRun first = run();
    first.step =
        report -> {
          if (report.step() == 3) {
            first.stop(false);
          }
        };
    RunEnd end = first.start().await();
    ToyRun second = run();
    second.resume = Optional.of(first.checkpoints.get(end.steps()));
    List<LedgerEntry> kept =
        first.journal.subList(0, (int) second.resume.get().ledger().journalLength());
    second.journal.addAll(kept);
    assertEquals(
        run().start().awaitBalanced().policyHash(), second.start().awaitBalanced().policyHash());
  }
}
