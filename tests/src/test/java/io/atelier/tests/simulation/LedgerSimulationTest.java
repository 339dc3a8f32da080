package io.atelier.tests.simulation;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.event.Effect;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * G1, G2, G3, G7 and G9 through random schedules. {@code -Datelier.simulations=N} runs more of
 * them, {@code -Datelier.simulation.seed=S} begins elsewhere; a failure names the one seed that
 * repeats it.
 */
@Timeout(3_600) // 100,000 take ten minutes and more
class LedgerSimulationTest {
  private static final int RUNS = Integer.getInteger("atelier.simulations", 2_000);
  private static final boolean LONG = Boolean.getBoolean("atelier.long");
  private static final long FIRST = Long.getLong("atelier.simulation.seed", 1);

  @Test
  void shouldKeepItsGuaranteesWhateverHappens() {
    System.out.println("ledger simulation: %d runs from seed %d".formatted(RUNS, FIRST));
    Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    for (long seed = FIRST; seed < FIRST + RUNS; seed++) {
      try {
        simulate(Plan.of(seed), faults);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "-Datelier.simulations=1 -Datelier.simulation.seed=%d: %s".formatted(seed, e), e);
      }
    }
    System.out.println("faults that happened: " + faults);
    if (RUNS >= 1_000) {
      assertAll(
          Arrays.stream(Fault.values())
              .map(
                  f ->
                      () ->
                          assertTrue(
                              faults.getOrDefault(f, 0) >= 20, f + " hardly happened: " + faults)));
    }
  }

  /** {@code -Datelier.simulation.workers=N} takes more; ten thousand in the long group. */
  @Test
  void shouldKeepThemWithManyWorkers() {
    int workers = Integer.getInteger("atelier.simulation.workers", LONG ? 10_000 : 1_000);
    Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    simulate(Plan.large(FIRST, workers), faults);
    System.out.println("faults that happened to %d workers: %s".formatted(workers, faults));
    assertTrue(faults.getOrDefault(Fault.LOST, 0) > workers / 100, faults::toString);
  }

  private static void simulate(Plan plan, Map<Fault, Integer> faults) {
    World world = new World(plan, faults);
    Effect end = world.run();
    world.audit();
    switch (plan.kind()) {
      case MENDABLE, BROKEN -> finished(plan, world, end);
      case POISONED -> failed(end, "cannot generate 1.0");
      case BROKEN_ALONE -> failed(end, " is broken");
      case DESERTED -> failed(end, "there is no rollout worker");
      case LEARNER_HUNG -> failed(end, "learner is at step 1");
    }
  }

  private static void finished(Plan plan, World world, Effect end) {
    if (!(end instanceof Effect.Finish finish)) {
      throw new AssertionError("the run should have finished: " + end);
    }
    String hash = Mix.hash(world.model().policy.get(plan.config().steps()));
    if (!finish.policyHash().equals(hash)) {
      throw new AssertionError("the run ends with another policy than it made");
    }
    if (!plan.freeRunning()) {
      Model reference = Model.reference(plan);
      if (!reference.policy.equals(world.model().policy)
          || !reference.critic.equals(world.model().critic)) {
        throw new AssertionError("G4: the result depends on what happened on the way");
      }
    }
  }

  private static void failed(Effect end, String cause) {
    if (!(end instanceof Effect.Fail fail) || !fail.firstCause().contains(cause)) {
      throw new AssertionError("the run should have failed with \"%s\": %s".formatted(cause, end));
    }
  }
}
