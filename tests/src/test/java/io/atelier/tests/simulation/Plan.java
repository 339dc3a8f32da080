package io.atelier.tests.simulation;

import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerConfig.Limits;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import io.atelier.rollout.GroupId;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * One random schedule: configuration, workers, and how much goes wrong. Times are in milliseconds.
 *
 * @param kind how the run is to end
 * @param broken the role that a node fails at, in a run with a broken node
 * @param flatReplacements how often a flat group is replaced; 0 where flat groups are kept
 * @param nodes other than the conductor's
 * @param homeWorks whether the first workers are on the conductor's node
 * @param homePlaces groups that the conductor's node has room for
 * @param nodePlaces groups that every other node has room for
 * @param trouble share of messages and computations that something happens to, 0..1
 * @param faultsUntil when things stop going wrong, so that the run can be asked to end
 */
record Plan(
    long seed,
    Kind kind,
    LedgerConfig config,
    int rollouts,
    int rewards,
    Role broken,
    int flatReplacements,
    int nodes,
    boolean homeWorks,
    int homePlaces,
    int nodePlaces,
    double trouble,
    long faultsUntil) {

  /** How a run is to end. */
  enum Kind {
    /** Everything that goes wrong can be mended: it must finish. */
    MENDABLE,
    /** One group always fails: it must fail, with that cause. */
    POISONED,
    /** The workers of a role leave for good: it must fail, and say so. */
    DESERTED,
    /** A node fails at all of its work: it must finish, without that node. */
    BROKEN,
    /** The same of the only node there is for a role: it must fail, with that cause. */
    BROKEN_ALONE,
    /** The learner hangs: it must fail, and say so. */
    LEARNER_HUNG
  }

  static final int TICK = 50;
  static final int ROLLOUT_LEASE = 900;
  static final int REWARD_LEASE = 700;
  static final int LOAD = 400;
  static final int EVALUATION = 1_200;
  static final int SILENCE = 400;
  static final int BEAT = 120;
  static final int NODE_SILENCE = 600;
  static final int WATCHDOG = 15_000;

  /** Places of a store that is never full. */
  static final int UNLIMITED = 1_000_000;

  static Plan of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int dice = random.nextInt(100);
    Kind kind =
        dice < 3
            ? Kind.POISONED
            : dice < 6
                ? Kind.DESERTED
                : dice < 9
                    ? Kind.LEARNER_HUNG
                    : dice < 14 ? Kind.BROKEN : dice < 17 ? Kind.BROKEN_ALONE : Kind.MENDABLE;
    LedgerConfig config =
        new LedgerConfig(
            schedule(random),
            1 + random.nextInt(4),
            2 + random.nextInt(6),
            random.nextInt(5) > 0,
            1 + random.nextInt(3),
            random.nextInt(4),
            limits());
    double trouble = random.nextInt(8) == 0 ? 0 : random.nextDouble() * .25;
    Role broken = random.nextBoolean() ? Role.ROLLOUT : Role.REWARD;
    int rollouts = 1 + random.nextInt(4);
    int rewards = 1 + random.nextInt(3);
    int perStep = config.groupsPerStep();
    boolean tight = trouble > 0 && random.nextInt(3) == 0;
    boolean more = kind == Kind.BROKEN;
    boolean alone = kind == Kind.BROKEN_ALONE;
    return new Plan(
        seed,
        kind,
        config,
        broken == Role.ROLLOUT && more
            ? rollouts + 1
            : broken == Role.ROLLOUT && alone ? 1 : rollouts,
        broken == Role.REWARD && more ? rewards + 1 : broken == Role.REWARD && alone ? 1 : rewards,
        broken,
        Math.floorMod(seed, 3),
        2,
        !more && !alone && Math.floorMod(seed, 4) == 0,
        tight ? perStep + random.nextInt(perStep + 1) : UNLIMITED,
        tight ? perStep + random.nextInt(perStep + 1) : UNLIMITED,
        trouble,
        1_000 + random.nextInt(15_000));
  }

  /**
   * Many workers, eight on a node, and a group a step for every other one that generates.
   *
   * @param workers a multiple of 40; four of five generate
   */
  static Plan large(long seed, int workers) {
    int rollouts = workers / 5 * 4;
    return new Plan(
        seed,
        Kind.MENDABLE,
        new LedgerConfig(Schedule.fixedLag(1, 1), rollouts / 2, 3, true, 1, 0, limits()),
        rollouts,
        workers - rollouts,
        Role.ROLLOUT,
        0,
        workers / 8,
        false,
        UNLIMITED,
        UNLIMITED,
        .02,
        3_000);
  }

  private static Limits limits() {
    return new Limits(
        Duration.ofMillis(ROLLOUT_LEASE),
        Duration.ofMillis(REWARD_LEASE),
        Duration.ofMillis(LOAD),
        Duration.ofMillis(EVALUATION),
        Duration.ofMillis(SILENCE),
        Duration.ofMillis(NODE_SILENCE),
        Duration.ofMillis(WATCHDOG),
        Duration.ofMillis(30),
        1_000,
        OnUnscorable.REPLACE,
        1_000);
  }

  private static Schedule schedule(SplittableRandom random) {
    int policyLag = 1 + random.nextInt(3);
    int criticLag = 1 + random.nextInt(3);
    return switch (random.nextInt(5)) {
      case 0 -> Schedule.sync();
      case 1, 2 -> Schedule.fixedLag(policyLag - random.nextInt(2), criticLag - random.nextInt(2));
      default -> Schedule.freeRunning(policyLag, criticLag, random.nextInt(policyLag + 1));
    };
  }

  boolean freeRunning() {
    return config.schedule().mode() == Schedule.Mode.FREE_RUNNING;
  }

  /** Whether an attempt at a group cannot be scored: a property of the group, not of timing. */
  boolean unscorable(GroupId id, int attempt) {
    return trouble > 0 && Math.floorMod(Mix.of(seed, id.step(), id.slot(), attempt, 99), 20) == 0;
  }

  /**
   * Whether all images of an attempt at a group have one reward; some groups are so each time. A
   * property of the group, too.
   */
  boolean flat(GroupId id, int attempt) {
    boolean always = Math.floorMod(Mix.of(seed, id.step(), id.slot(), 98), 20) == 0;
    long own = Mix.of(seed, id.step(), id.slot(), attempt, 97);
    return flatReplacements > 0 && trouble > 0 && (always || Math.floorMod(own, 10) == 0);
  }

  /** Whether a worker fails at all that it is given. */
  boolean broken(WorkerId worker) {
    boolean here = kind == Kind.BROKEN_ALONE || worker.node().equals(World.node(0));
    return hasBrokenNode() && worker.role() == broken && here;
  }

  /** Whether a node is broken. */
  boolean hasBrokenNode() {
    return kind == Kind.BROKEN || kind == Kind.BROKEN_ALONE;
  }

  /** The group that always fails in a poisoned run. */
  boolean poisoned(GroupId id) {
    return kind == Kind.POISONED && id.equals(new GroupId(1, 0));
  }
}
