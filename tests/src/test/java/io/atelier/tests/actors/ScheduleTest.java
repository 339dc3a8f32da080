package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.guardian.RunSetup;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.report.GroupTrace;
import io.atelier.actors.report.RunEnd;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.report.TrainedGroup;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.tests.toy.ToyGenerator;
import io.atelier.tests.toy.ToyRun;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** G4: what a run makes depends on its configuration and seed only. */
@Timeout(180)
class ScheduleTest {
  private static final int STEPS = 6;

  private static ToyRun run(Schedule schedule, int rollouts) {
    ToyRun run = new ToyRun(schedule, STEPS);
    run.workers = new RunSetup.Workers(rollouts, 2, 0, 3, "toys");
    return run;
  }

  @Test
  void shouldGiveTheSameBitsWhenSyncOrFixedLagOfNothing() throws Exception {
    RunEnd sync = run(Schedule.sync(), 2).start().awaitBalanced();
    RunEnd fixed = run(Schedule.fixedLag(0, 0), 3).start().awaitBalanced();
    assertEquals(STEPS, sync.steps());
    assertEquals(sync.policyHash(), fixed.policyHash());
    assertEquals(sync.criticHash(), fixed.criticHash());
  }

  @Test
  void shouldGiveTheSameBitsWhenWorkersDiffer() throws Exception {
    RunEnd one = run(Schedule.fixedLag(2, 1), 1).start().awaitBalanced();
    RunEnd three = run(Schedule.fixedLag(2, 1), 3).start().awaitBalanced();
    assertEquals(one.policyHash(), three.policyHash());
    assertEquals(one.criticHash(), three.criticHash());
    RunEnd sync = run(Schedule.sync(), 3).start().awaitBalanced();
    assertNotEquals(one.policyHash(), sync.policyHash(), "the lag should matter");
  }

  @Test
  void shouldGiveTheSameBitsWhenWorkersAreKilledAtRandom() throws Exception {
    long seed = 20261123;
    System.out.println("kills from seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    RunEnd quiet = run(Schedule.fixedLag(1, 1), 1).start().awaitBalanced();
    int first = 1 + random.nextInt(5);
    Killer killer = new Killer(Set.of(first, first + 6, first + 11));
    ToyRun run = run(Schedule.fixedLag(1, 1), 3);
    run.generator =
        () ->
            new ToyGenerator() {
              @Override
              public Sampled sample(GroupId id, Prompt prompt) {
                killer.maybe(id);
                return super.sample(id, prompt);
              }
            };
    RunEnd end = run.start().awaitBalanced();
    assertEquals(3, killer.victims.size());
    assertEquals(3, end.counts().released(), run.reports::toString);
    assertEquals(quiet.policyHash(), end.policyHash());
    assertEquals(quiet.criticHash(), end.criticHash());
  }

  /** Kills the worker that draws the n-th group, for some n. */
  private static final class Killer {
    private final Set<Integer> fatal;
    private final Set<GroupId> victims = new TreeSet<>();
    private int samples;
    private int due;

    Killer(Set<Integer> fatal) {
      this.fatal = fatal;
    }

    synchronized void maybe(GroupId id) {
      due += fatal.contains(++samples) ? 1 : 0;
      // A group that fails twice would rightly fail the run.
      if (due > 0 && victims.add(id)) {
        due--;
        throw new IllegalStateException("killed at group " + id);
      }
    }
  }

  @Test
  void shouldStayWithinTheLagWhenFreeRunning() throws Exception {
    ToyRun run = run(Schedule.freeRunning(2, 2, 2), 3);
    RunEnd end = run.start().awaitBalanced();
    assertEquals(STEPS, end.steps());
    assertEquals(STEPS * 3L, end.counts().trained());
    run.steps.forEach(s -> assertTrue(s.lags().lastKey() <= 2, s::toString));
  }

  @Test
  void shouldTrainWithoutCriticWhenTheRewardHasNone() throws Exception {
    ToyRun run = run(Schedule.fixedLag(1, 1), 2);
    LedgerConfig config = run.ledger;
    run.ledger = new LedgerConfig(config.schedule(), 3, STEPS, false, 2, 0, config.limits());
    RunEnd end = run.start().awaitBalanced();
    assertEquals(STEPS, end.steps());
    assertEquals(0, run.steps.get(STEPS - 1).criticVersion());
  }

  @Test
  void shouldReportEveryStepAndTraceEveryGroup() throws Exception {
    ToyRun run = run(Schedule.fixedLag(1, 1), 2);
    RunEnd end = run.start().awaitBalanced();
    assertEquals(STEPS, run.steps.size());
    StepReport last = run.steps.get(STEPS - 1);
    assertAll(
        () -> assertEquals(end.policyHash(), last.policyHash()),
        () -> assertEquals(6, last.images()),
        () -> assertEquals(3.0, last.metrics().get("policy/groups")),
        () -> assertEquals(3.0, last.metrics().get("critic/groups")),
        () -> assertEquals(0.0, last.metrics().get("reward/zero-variance")),
        () -> assertTrue(last.metrics().containsKey("reward/toy")),
        () ->
            assertTrue(
                run.steps.stream()
                    .anyMatch(s -> s.metrics().getOrDefault("load/rollout", 0.0) > 0)),
        () -> assertEquals(Set.of("rollout", "reward", "policy", "critic"), last.idle().keySet()),
        () -> assertEquals(List.of(1), List.copyOf(last.lags().keySet())));
    Set<GroupId> traced =
        run.groups.stream()
            .map(group -> group.trace().id())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(STEPS * 3, traced.size());
    assertEquals(STEPS * 3, run.groups.size());
    for (TrainedGroup group : run.groups) {
      GroupTrace trace = group.trace();
      long[] times = {
        trace.admitted(),
        trace.generateStart(),
        trace.generateEnd(),
        trace.encodeStart(),
        trace.encodeEnd(),
        trace.scoreEnd(),
        trace.trainStart(),
        trace.trainEnd()
      };
      for (int i = 1; i < times.length; i++) {
        assertTrue(times[i - 1] <= times[i], trace::toString);
      }
    }
  }
}
