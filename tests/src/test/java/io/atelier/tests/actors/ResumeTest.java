package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepState;
import io.atelier.models.state.NamedTensors;
import io.atelier.tests.toy.ToyRun;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** G5: a run that is stopped anywhere and resumed ends with the bits of one that was not. */
@Timeout(180)
class ResumeTest {
  private static final int STEPS = 6;

  static Stream<Schedule> strict() {
    return Stream.of(Schedule.sync(), Schedule.fixedLag(1, 1), Schedule.fixedLag(3, 2));
  }

  @ParameterizedTest
  @MethodSource("strict")
  void shouldEndWithTheSameBitsWhenResumedFromAnyStep(Schedule schedule) throws Exception {
    ToyRun straight = new ToyRun(schedule, STEPS);
    RunEnd end = straight.start().awaitBalanced();
    assertEquals(STEPS, straight.checkpoints.size());
    for (int step = 1; step < STEPS; step++) {
      StepState state = throughJson(straight.checkpoints.get(step));
      ToyRun resumed = resume(straight, state, STEPS);
      RunEnd again = resumed.start().awaitBalanced();
      assertEquals(end.policyHash(), again.policyHash(), "policy, resumed from step " + step);
      assertEquals(end.criticHash(), again.criticHash(), "critic, resumed from step " + step);
      assertEquals(
          straight.checkpoints.get(STEPS).policy().contentHash(),
          resumed.checkpoints.get(STEPS).policy().contentHash(),
          "policy optimizer, resumed from step " + step);
      assertEquals(
          straight.checkpoints.get(STEPS).critic().contentHash(),
          resumed.checkpoints.get(STEPS).critic().contentHash(),
          "critic optimizer, resumed from step " + step);
      assertEquals(end.counts().trained(), again.counts().trained());
    }
  }

  private static ToyRun resume(ToyRun before, StepState state, int steps) {
    ToyRun run = new ToyRun(state.ledger().schedule(), steps);
    run.resume = Optional.of(state);
    run.journal.addAll(before.journal.subList(0, (int) state.ledger().journalLength()));
    return run;
  }

  private static StepState throughJson(StepState state) throws Exception {
    ObjectMapper json = new ObjectMapper();
    LedgerSnapshot read =
        json.readValue(json.writeValueAsString(state.ledger()), LedgerSnapshot.class);
    assertEquals(state.ledger(), read);
    return new StepState(
        state.step(),
        state.policy(),
        state.critic(),
        state.policyVersions(),
        state.criticVersions(),
        read);
  }

  /** Of a model that is trained whole the checkpoint is several times the model. */
  @Test
  void shouldHoldNothingOfTheCheckpointWhenItGoesOn() throws Exception {
    ToyRun first = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    first.start().awaitBalanced();
    StepState state = throughJson(first.checkpoints.get(2));
    StepState own =
        new StepState(
            2,
            new NamedTensors(state.policy().asMap()),
            new NamedTensors(state.critic().asMap()),
            state.policyVersions(),
            state.criticVersions(),
            state.ledger());
    List<WeakReference<?>> held =
        List.of(
            new WeakReference<>(own),
            new WeakReference<>(own.policy()),
            new WeakReference<>(own.critic()));
    ToyRun resumed = resume(first, own, STEPS);
    own = null;
    List<Object> left = Collections.synchronizedList(new ArrayList<>());
    resumed.step =
        report -> {
          if (report.step() == 4) {
            System.gc();
            held.stream().map(WeakReference::get).filter(Objects::nonNull).forEach(left::add);
          }
        };
    resumed.start();
    resumed.resume = Optional.empty();
    resumed.awaitBalanced();
    assertEquals(List.of(), left);
  }

  @Test
  void shouldGoOnToMoreStepsWhenAFinishedRunIsResumed() throws Exception {
    RunEnd straight = new ToyRun(Schedule.fixedLag(1, 1), STEPS + 2).start().awaitBalanced();
    ToyRun first = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    first.start().awaitBalanced();
    ToyRun more = resume(first, first.checkpoints.get(STEPS), STEPS + 2);
    assertEquals(straight.policyHash(), more.start().awaitBalanced().policyHash());
  }

  @Test
  void shouldFinishAndBalanceWhenFreeRunningIsResumed() throws Exception {
    ToyRun first = new ToyRun(Schedule.freeRunning(2, 1, 2), STEPS);
    first.start().awaitBalanced();
    ToyRun resumed = resume(first, first.checkpoints.get(3), STEPS);
    assertEquals(STEPS, resumed.start().awaitBalanced().steps());
  }

  @Test
  void shouldFinishTheStepAndCheckpointWhenAskedToStop() throws Exception {
    RunEnd straight = new ToyRun(Schedule.fixedLag(1, 1), STEPS).start().awaitBalanced();
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    run.step =
        report -> {
          if (report.step() == 1) {
            run.stop(false);
          }
        };
    RunEnd end = run.start().awaitBalanced();
    assertTrue(end.stopped());
    assertTrue(end.steps() >= 3 && end.steps() < STEPS, "stopped after " + end.steps());
    assertTrue(run.checkpoints.containsKey(end.steps()));
    ToyRun resumed = resume(run, run.checkpoints.get(end.steps()), STEPS);
    assertEquals(straight.policyHash(), resumed.start().awaitBalanced().policyHash());
  }

  @Test
  void shouldEndWithoutACheckpointWhenStoppedAtOnce() throws Exception {
    ToyRun run = new ToyRun(Schedule.sync(), 100_000);
    run.step =
        report -> {
          if (report.step() == 2) {
            run.stop(true);
          }
        };
    RunEnd end = run.start().awaitBalanced();
    assertTrue(end.stopped());
    assertTrue(end.steps() < 100_000);
  }

  @Test
  void shouldStandStillUntilItIsResumedWhenItBeginsWithAPause() throws Exception {
    RunEnd straight = new ToyRun(Schedule.fixedLag(1, 1), STEPS).start().awaitBalanced();
    ToyRun run = new ToyRun(Schedule.fixedLag(1, 1), STEPS);
    run.paused = true;
    run.start().awaitReport("the run is paused, as it was before");
    run.<RunStatus.Done>ask(replyTo -> new ConductorCommand.Pause(true, replyTo)); // said twice
    RunStatus status = run.ask(ConductorCommand.Ask::new);
    assertTrue(status.ledger().paused());
    assertEquals(
        status.ledger().counts().admitted(), status.ledger().stages().get("admitted").longValue());
    assertEquals(List.of(), run.steps);
    RunStatus.Done resumed = run.ask(replyTo -> new ConductorCommand.Pause(false, replyTo));
    assertEquals(new RunStatus.Done(true, "the run goes on"), resumed);
    assertEquals(List.of(true, false), run.pauses, "it was answered before it was kept");
    assertEquals(straight.policyHash(), run.awaitBalanced().policyHash());
  }

  @Test
  void shouldFailWhenTheRestoredPolicyIsNotTheCheckpoints() throws Exception {
    ToyRun first = new ToyRun(Schedule.sync(), STEPS);
    first.start().awaitBalanced();
    StepState good = first.checkpoints.get(2);
    NamedTensors other = first.checkpoints.get(3).policy();
    StepState bad =
        new StepState(
            good.step(),
            other,
            good.critic(),
            good.policyVersions(),
            good.criticVersions(),
            good.ledger());
    Throwable failure = resume(first, bad, STEPS).start().awaitFailure();
    assertTrue(
        failure.getMessage().contains("policy version 2 has hash")
            && failure.getMessage().contains("the checkpoint says"),
        failure::getMessage);
  }
}
