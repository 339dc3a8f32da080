package io.atelier.tests.simulation;

import io.atelier.actors.ledger.Ledger;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps its own books of what the ledger was seen to do, and fails as soon as a guarantee is
 * broken. Numbers are those of the design: G1 once, G2 one version, G3 staleness, G7 bounds, G9 no
 * standstill.
 */
final class Guarantees {
  private final Plan plan;
  private final Schedule schedule;
  private final int perStep;
  private final Set<GroupId> trained = new HashSet<>();
  private final Map<GroupId, Integer> attempts = new HashMap<>();
  private final Map<String, Effect> orders = new HashMap<>();
  private long admitted;
  private long dropped;
  private int steps;
  private int journaled;
  private int training = -1;
  private boolean checkpointing;
  private long newestHeld = -1;
  private long lastProgress;
  private long lastReport;
  private boolean over;
  private boolean paused;

  /** When the conductor was last reached by each node, awake or not, in the time it was awake. */
  private final Map<String, Long> heard = new HashMap<>();

  /** Times that the conductor has stood still since then. */
  private final Map<String, Integer> stalls = new HashMap<>();

  /** Roles of nodes that were set aside. */
  private final Set<String> aside = new HashSet<>();

  Guarantees(Plan plan) {
    this.plan = plan;
    this.schedule = plan.config().schedule();
    this.perStep = plan.config().groupsPerStep();
  }

  /** The run went on from a checkpoint: what came after it has not happened. */
  void resumed(LedgerSnapshot snapshot) {
    trained.removeIf(id -> snapshot.open().stream().anyMatch(g -> g.id().equals(id)));
    trained.removeIf(id -> (long) id.step() * perStep + id.slot() >= snapshot.nextIndex());
    admitted = snapshot.counts().admitted();
    dropped = snapshot.counts().dropped();
    attempts.clear();
    snapshot.open().forEach(g -> attempts.put(g.id(), g.attempt()));
    steps = snapshot.step();
    journaled = steps;
    training = -1;
    checkpointing = false;
    orders.clear();
    aside.clear();
    paused = false;
    // Slots of the last step are charged until a worker of the new run holds its weights.
    newestHeld = steps - 1L;
    over = false;
    require(
        trained.size() == (long) steps * perStep,
        "G1: %d groups are trained in %d steps",
        trained.size(),
        steps);
  }

  void held(long version) {
    newestHeld = Math.max(newestHeld, version);
  }

  /** The run was paused, or goes on. */
  void pause(boolean pause) {
    paused = pause;
  }

  /** A sign of life has come to the conductor, which may be standing still. */
  void heard(String node, long awake) {
    heard.put(node, awake);
    stalls.put(node, 0);
  }

  /** The conductor has stood still. */
  void stalled() {
    stalls.replaceAll((node, times) -> times + 1);
  }

  /** A node was taken for lost: it must have been silent while the conductor listened. */
  void silent(String node, long awake) {
    long silence = awake - heard.get(node);
    // the ledger looks at the clock with each tick, and counts a little for one that is late
    long late = Plan.TICK + Plan.NODE_SILENCE / 32 * (1L + stalls.get(node));
    require(
        silence + late >= Plan.NODE_SILENCE,
        "%s is taken for lost, but the conductor was awake for only %d ms since it said something",
        node,
        silence);
  }

  /** The journal has the lines of so many steps. */
  void journaled(int written) {
    journaled = Math.max(journaled, written);
  }

  void checkpointWritten() {
    checkpointing = false;
  }

  // ---------------------------------------------------------------- effects

  void see(Effect effect, long now) {
    require(!over, "the ledger goes on after the end: %s", effect);
    boolean lease = effect instanceof Effect.Generate || effect instanceof Effect.Score;
    require(
        !paused || !lease || orders.containsValue(effect),
        "a lease is given in a pause: %s",
        effect);
    if (effect instanceof Effect.Admit admit) {
      admitted++;
      int attempt = attempts.merge(admit.id(), 0, (old, zero) -> old + 1);
      require(attempt == admit.attempt(), "G1: attempt %s after %d", admit, attempt);
      require(!trained.contains(admit.id()), "G1: %s is admitted after training", admit.id());
      require(
          attempt > 0 || charged() <= slots(), "G3: %d slots are taken of %d", charged(), slots());
    } else if (effect instanceof Effect.Order order && !(order instanceof Effect.Revoke)) {
      require(
          !aside.contains(order.worker().role() + order.worker().node()),
          "a node that was set aside gets work: %s",
          order);
      Effect last = orders.put(order.worker().toString(), order);
      require(
          last == null || last.equals(order) || ((Effect.Order) last).order() < order.order(),
          "orders of %s do not grow",
          order.worker());
    } else if (effect instanceof Effect.Train train) {
      require(training == -1, "G1: step %d starts within step %d", train.step(), training);
      require(train.step() == steps, "G1: step %d comes after %d", train.step(), steps);
      require(
          train.groups().size() == perStep,
          "G1: step %d has %d groups",
          steps,
          train.groups().size());
      require(steps - journaled <= 1, "G7: step %d starts, %d are written", steps, journaled);
      training = train.step();
    } else if (effect instanceof Effect.StepDone done) {
      done.groups().forEach(g -> attempts.remove(g.id()));
      steps++;
      training = -1;
      lastProgress = now;
    } else if (effect instanceof Effect.Write write) {
      dropped += write.entry() instanceof LedgerEntry.Dropped ? 1 : 0;
    } else {
      seeRun(effect, now);
    }
  }

  private void seeRun(Effect effect, long now) {
    if (effect instanceof Effect.Checkpoint due) {
      require(!checkpointing, "G7: two checkpoints are written at a time");
      checkpointing = true;
      require(training == -1, "G5: a checkpoint is taken within step %d", training);
      require(
          due.snapshot().step() == steps,
          "G5: a checkpoint of step %d after %d",
          due.snapshot().step(),
          steps);
    } else if (effect instanceof Effect.SetAside told) {
      aside.add(told.role() + told.node());
    } else if (effect instanceof Effect.Retire retire && retire.weights() == Weights.POLICY) {
      boolean strict = schedule.mode() != Schedule.Mode.FREE_RUNNING;
      require(
          !strict || retire.version() < schedule.policyVersion(steps),
          "policy version %d is retired, but step %d needs it",
          retire.version(),
          steps);
    } else if (effect instanceof Effect.Report) {
      lastReport = now;
    } else if (effect instanceof Effect.Fail || effect instanceof Effect.Finish) {
      over = true;
    }
  }

  /** A group enters an update; returns the digest of its images. */
  long trained(TrainingGroup group, World world) {
    GroupId id = group.id();
    require(trained.add(id), "G1: group %s is trained a second time", id);
    long version = group.generation().version();
    long critic = group.scoring().version();
    long oldestCritic = plan.config().critic() ? schedule.criticVersion(training) : 0;
    if (plan.freeRunning()) {
      require(
          version >= schedule.policyVersion(training) && version <= training,
          "G3: %s has version %d in step %d",
          id,
          version,
          training);
      require(
          critic >= oldestCritic && critic <= training,
          "G3: %s has critic %d in step %d",
          id,
          critic,
          training);
    } else {
      require(id.step() == training, "G1: group %s is in step %d", id, training);
      require(
          version == schedule.policyVersion(training),
          "G4: %s has version %d in step %d",
          id,
          version,
          training);
      require(critic == oldestCritic, "G4: %s has critic %d in step %d", id, critic, training);
    }
    require(
        plan.flat(id, group.attempt())
            ? group.flats() == plan.flatReplacements()
            : group.flats() <= plan.flatReplacements(),
        "G1: attempt %d at group %s is trained after %d flat ones",
        group.attempt(),
        id,
        group.flats());
    long images = Model.images(id, group.attempt(), world.weights(Role.ROLLOUT, version));
    Optional<Long> blob = world.get(group.generation().trajectory());
    require(blob.isPresent(), "G1: the trajectory of %s is gone before training", id);
    require(blob.get() == images, "G2: %s was not drawn by policy %d alone", id, version);
    long scores = Model.scores(images, world.weights(Role.REWARD, critic)) & (1L << 60) - 1;
    List<Reward.Scored> scored = new ArrayList<>(group.scoring().potentials());
    require(scored.size() == 1, "G2: the states of %s have %d scores", id, scored.size());
    scored.add(group.scoring().scores());
    for (Reward.Scored each : scored) {
      require(
          (FakeWorker.digest(each) & (1L << 60) - 1) == scores,
          "G2: %s was not scored by critic %d",
          id,
          critic);
    }
    require(
        group.generation().hash().equals(Mix.hash(world.weights(Role.ROLLOUT, version))),
        "G2: %s names hash %s",
        id,
        group.generation().hash());
    return images;
  }

  /** The learners fetch what a step needs some time after they are told to train. */
  void stillThere(List<TrainingGroup> groups, World world) {
    for (TrainingGroup group : groups) {
      boolean there =
          world.get(group.generation().trajectory()).isPresent()
              && group.scoring().features().stream().allMatch(f -> world.get(f).isPresent());
      require(there, "G1: %s is gone while it is trained", group.id());
    }
  }

  // ---------------------------------------------------------------- after every event

  void check(Ledger ledger, int blobs, int effects, long now) {
    Counts counts = ledger.counts();
    long inTraining = training == -1 ? 0 : perStep;
    require(counts.balanced(), "G1: %s does not balance", counts);
    require(counts.admitted() == admitted, "G1: %d admitted, %s", admitted, counts);
    require(counts.dropped() == dropped, "G1: %d dropped, %s", dropped, counts);
    require(
        counts.trained() == trained.size() - inTraining,
        "G1: %d trained, %s",
        trained.size(),
        counts);
    long slots = slots();
    require(blobs <= 4 * slots, "G7: %d blobs are kept for %d slots", blobs, slots);
    require(
        counts.open() <= slots, "G7: %d groups are open, there are %d slots", counts.open(), slots);
    int workers = plan.rollouts() + plan.rewards();
    require(
        ledger.versions(Weights.POLICY) <= schedule.policyLag() + workers + 5,
        "G7: %d policy versions",
        ledger.versions(Weights.POLICY));
    require(
        ledger.versions(Weights.CRITIC) <= schedule.criticLag() + workers + 3,
        "G7: %d critic versions",
        ledger.versions(Weights.CRITIC));
    require(effects <= 20 * (slots + workers), "G7: %d effects of one event", effects);
    if (paused) {
      lastProgress = now; // it is meant to stand still
    }
    long silence = now - Math.max(lastProgress, lastReport);
    require(
        over || silence <= 2L * Plan.WATCHDOG + 2 * Plan.TICK,
        "G9: nothing was said for %d ms",
        silence);
  }

  /** What must be so at the end, and in a run in which nothing went wrong. */
  void finished(Effect.Finish finish, int blobs) {
    require(finish.stopped() || blobs == 0, "G7: %d blobs are left over", blobs);
    if (plan.trouble() == 0 && !plan.hasBrokenNode()) {
      Counts counts = finish.counts();
      require(counts.released() == 0, "a lease ran out in a quiet run: %s", counts);
      require(counts.discarded() == 0, "a result was thrown away in a quiet run: %s", counts);
      require(counts.dropped() == 0, "a group was dropped in a quiet run: %s", counts);
      require(
          plan.freeRunning() || counts.regenerated() == 0,
          "a group was drawn again in a quiet run: %s",
          counts);
    }
  }

  private long slots() {
    return (schedule.depth() + 1L) * perStep;
  }

  /** Slots taken: a step's are free once a worker really holds what it made. */
  private long charged() {
    long named = admitted - dropped;
    return named - perStep * Math.min(steps, Math.max(0, newestHeld));
  }

  private void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new AssertionError(message.formatted(values));
    }
  }
}
