package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Group.Stage;
import io.atelier.actors.ledger.LedgerConfig.OnUnscorable;
import io.atelier.actors.ledger.Schedule.Mode;
import io.atelier.actors.ledger.Worker.State;
import io.atelier.actors.transport.BlobRef;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who works on which group with which weights. Takes events, returns effects; knows no actor, clock
 * or I/O, so every decision of a run can be tested by driving this object. Not thread-safe: one
 * actor owns it.
 *
 * <p>A group is admitted, leased to a rollout worker, generated, leased to a reward worker, scored,
 * and trained or dropped. What it holds to, whatever is lost, doubled, late or dead:
 *
 * <ul>
 *   <li>G1: a group enters training once, or is dropped with a reason: {@link Counts#balanced()}. A
 *       lease ends once, by its number; what comes after that is thrown away.
 *   <li>G2: a worker works with one version, proven by the hash of what it holds after loading; it
 *       is given the next one only between groups.
 *   <li>G3: a group takes one of {@code (depth + 1) * groupsPerStep} slots when it is admitted, and
 *       frees it when a worker holds the version that its step produced.
 *   <li>G9: when nothing moves, the run says who waits for what, takes back what is stuck, and
 *       fails if that does not help.
 * </ul>
 */
public final class Ledger {

  /** How often a worker that does not answer is asked before it is replaced. */
  private static final int ASKS = 4;

  private final LedgerConfig config;
  private final Schedule schedule;
  private final Groups groups;
  private final Crew crew = new Crew();
  private final Map<Weights, Versions> versions = new EnumMap<>(Weights.class);
  private final Evaluations evaluations;
  private final Watchdog watchdog;
  private final Optional<LedgerSnapshot> resumed;
  private List<Effect> effects = new ArrayList<>();

  /** Time since the first tick. */
  private long now;

  private Optional<Long> origin = Optional.empty();
  private boolean started;
  private boolean over;

  /** Steps trained. */
  private int trained;

  /** Steps whose slots are free again. */
  private int freed;

  private List<Group> training = List.of();
  private boolean policyDone;
  private boolean criticDone;
  private boolean checkpointDue;
  private boolean checkpointPending;

  /** Steps after which the run ends. */
  private int lastStep;

  private Ledger(LedgerConfig config, Optional<LedgerSnapshot> resumed) {
    this.config = config;
    this.schedule = config.schedule();
    this.resumed = resumed;
    this.lastStep = config.steps();
    this.groups = new Groups(schedule, config.groupsPerStep());
    this.evaluations = new Evaluations(config.evaluateEvery(), config.steps());
    for (Weights weights : Weights.values()) {
      versions.put(weights, new Versions());
    }
    this.watchdog = new Watchdog(config.limits().watchdog());
    resumed.ifPresent(this::restore);
  }

  /** The ledger of a fresh run. */
  public static Ledger create(LedgerConfig config) {
    return new Ledger(config, Optional.empty());
  }

  /**
   * The ledger of a run that goes on from a checkpoint.
   *
   * @throws IllegalArgumentException if the schedule or the groups per step are not the
   *     checkpoint's
   */
  public static Ledger resume(LedgerConfig config, LedgerSnapshot snapshot) {
    return new Ledger(config, Optional.of(snapshot));
  }

  private void restore(LedgerSnapshot snapshot) {
    if (snapshot.format() != LedgerSnapshot.FORMAT) {
      throw new IllegalArgumentException(
          "the checkpoint's ledger has format %d, this program reads %d"
              .formatted(snapshot.format(), LedgerSnapshot.FORMAT));
    }
    if (!snapshot.schedule().equals(schedule)
        || snapshot.groupsPerStep() != config.groupsPerStep()) {
      throw new IllegalArgumentException(
          "a run keeps its schedule: the checkpoint has %s with %d groups per step, not %s with %d"
              .formatted(
                  snapshot.schedule(), snapshot.groupsPerStep(), schedule, config.groupsPerStep()));
    }
    groups.restore(snapshot);
    trained = snapshot.step();
    freed = Math.max(0, trained - 1);
  }

  /** Takes in what happened; returns what is to be done, in order. */
  public List<Effect> on(Event event) {
    effects = new ArrayList<>();
    if (!over) {
      handle(event);
      advance();
    }
    return effects;
  }

  public Counts counts() {
    return groups.counts();
  }

  /** Versions of a stream that are not retired. */
  public int versions(Weights weights) {
    return versions.get(weights).size();
  }

  private void handle(Event event) {
    if (event instanceof Event.Tick tick) {
      onTick(tick.millis());
    } else if (event instanceof Event.Published published) {
      onPublished(published);
    } else if (event instanceof Event.WorkerJoined joined) {
      onJoined(joined.worker());
    } else if (event instanceof Event.WorkerLost lost) {
      crew.find(lost.worker()).ifPresent(w -> onLost(w, lost.error()));
    } else if (event instanceof Event.NodeLost lost) {
      onNodeLost(lost.node());
    } else if (event instanceof Event.Loaded loaded) {
      answer(loaded.worker(), loaded.order()).ifPresent(w -> onLoaded(w, loaded.hash()));
    } else if (event instanceof Event.Generated generated) {
      onGenerated(generated);
    } else if (event instanceof Event.Scored scored) {
      onScored(scored);
    } else if (event instanceof Event.ScoreLater later) {
      workedOn(later.worker(), later.order()).ifPresent(g -> onScoreLater(g, later.reason()));
    } else if (event instanceof Event.Unscorable never) {
      workedOn(never.worker(), never.order()).ifPresent(g -> onUnscorable(g, never.reason()));
    } else if (event instanceof Event.Released released) {
      answer(released.worker(), released.order()).ifPresent(this::takeBack);
    } else if (event instanceof Event.PolicyTrained done) {
      onPolicyTrained(done);
    } else if (event instanceof Event.CriticTrained done) {
      onCriticTrained(done);
    } else {
      handleRun(event);
    }
  }

  private void handleRun(Event event) {
    if (event instanceof Event.Evaluated evaluated) {
      if (evaluations.done(evaluated.step())) {
        watchdog.progress(now);
      }
    } else if (event instanceof Event.CheckpointWritten) {
      checkpointPending = false;
      watchdog.progress(now);
    } else if (event instanceof Event.StopRequested stop) {
      lastStep = stop.atOnce() ? trained : Math.min(lastStep, trained + 1);
      if (stop.atOnce()) {
        finish();
      }
    } else if (event instanceof Event.Broken broken) {
      fail(broken.cause());
    }
  }

  // ---------------------------------------------------------------- time

  private void onTick(long millis) {
    if (origin.isEmpty()) {
      origin = Optional.of(millis);
    }
    now = Math.max(now, millis - origin.get());
    for (Worker worker : List.copyOf(crew.all())) {
      if (now >= worker.deadline) {
        if (worker.state == State.LOADING || worker.state == State.LEASED) {
          expire(worker);
        } else if (worker.state == State.SILENT) {
          askAgain(worker);
        }
      }
    }
    watchdog
        .overdue(now)
        .ifPresent(
            stall -> {
              String who =
                  new Waiting(groups, crew, versions, evaluations, now).describe(pending());
              String message = "nothing has moved for %s: %s".formatted(stall.since(), who);
              if (stall.again()) {
                fail(message);
              } else {
                effects.add(new Effect.Report(message));
                crew.all().stream()
                    .filter(w -> w.state == State.LOADING || w.state == State.LEASED)
                    .toList()
                    .forEach(this::expire);
              }
            });
  }

  /** What the run waits for, apart from workers. */
  private List<String> pending() {
    List<String> pending = new ArrayList<>();
    if (!training.isEmpty() && !policyDone) {
      pending.add("the policy learner is at step " + trained);
    }
    if (!training.isEmpty() && !criticDone) {
      pending.add("the critic learner is at step " + trained);
    }
    if (checkpointPending) {
      pending.add("a checkpoint is being written");
    }
    return pending;
  }

  /** Takes the work from a worker that took too long, and asks whether it is still there. */
  private void expire(Worker worker) {
    worker.reason =
        worker.group().map(g -> "group " + g.id).orElse("loading version " + worker.version);
    effects.add(
        new Effect.Report(
            "%s had %d ms for %s and is not done; the work goes to another worker"
                .formatted(worker.id, now - worker.since, worker.reason)));
    takeBack(worker);
    worker.state = State.SILENT;
    worker.asked = 0;
    askAgain(worker);
  }

  private void askAgain(Worker worker) {
    if (worker.asked++ == ASKS) {
      replace(worker, "has not answered since its time ran out on " + worker.reason);
      return;
    }
    worker.deadline = now + Math.max(1, config.limits().silence().toMillis() / ASKS);
    effects.add(new Effect.Revoke(worker.id, worker.order));
  }

  // ---------------------------------------------------------------- workers

  private void onJoined(WorkerId id) {
    if (crew.knows(id)) {
      return;
    }
    crew.former(id).ifPresent(w -> onLost(w, Optional.empty()));
    crew.join(id);
  }

  private void onLost(Worker worker, Optional<String> error) {
    effects.add(
        new Effect.Report(
            "%s is gone%s".formatted(worker.id, error.map(e -> ": " + e).orElse(""))));
    Optional<Group> group = worker.group();
    takeBack(worker);
    worker.gone(error.orElse("left"));
    if (error.isPresent() && group.isPresent()) {
      countError(group.get(), "%s: %s".formatted(worker.id, error.get()));
    }
  }

  private void countError(Group group, String error) {
    if (++group.errors == 1) {
      group.firstError = error;
    } else {
      fail(
          "group %s failed %d times, first on %s"
              .formatted(group.id, group.errors, group.firstError));
    }
  }

  private void onNodeLost(String node) {
    crew.on(node).forEach(w -> onLost(w, Optional.empty()));
    for (Group group : groups.open()) {
      boolean lost = group.blobs().stream().anyMatch(b -> b.node().equals(node));
      if (lost && group.stage != Stage.TRAINING) {
        crew.holderOf(group).ifPresent(Worker::forgetGroup);
        group.restart().forEach(this::release);
        groups.countRegenerated();
      }
    }
  }

  /** Frees a worker; the group it was at, if any, can go to another. */
  private void takeBack(Worker worker) {
    worker
        .group()
        .ifPresent(
            group -> {
              group.takenBack();
              groups.countReleased();
            });
    if (worker.state == State.LOADING) {
      worker.version = Worker.NOTHING;
    }
    worker.idle();
  }

  private void replace(Worker worker, String reason) {
    takeBack(worker);
    worker.gone(reason);
    effects.add(new Effect.Report("%s gets no more work: it %s".formatted(worker.id, reason)));
    effects.add(new Effect.Replace(worker.id, reason));
  }

  /**
   * The worker, if this answers what it was last asked; otherwise the answer is late or doubled.
   */
  private Optional<Worker> answer(WorkerId id, long order) {
    Optional<Worker> worker = crew.find(id);
    worker.filter(w -> w.state == State.SILENT && w.order == order).ifPresent(Worker::idle);
    return worker.filter(w -> w.awaits(order));
  }

  /**
   * The group that this answer is about, if it is still that worker's; the worker is free again.
   */
  private Optional<Group> workedOn(WorkerId id, long order) {
    Optional<Worker> worker = answer(id, order);
    Optional<Group> group = worker.flatMap(Worker::group);
    worker.ifPresent(Worker::idle);
    if (group.isEmpty()) {
      groups.countDiscarded();
    }
    return group;
  }

  // ---------------------------------------------------------------- weights

  private void onPublished(Event.Published published) {
    resumed
        .map(s -> published.weights() == Weights.POLICY ? s.policyHashes() : s.criticHashes())
        .map(hashes -> hashes.get(published.version()))
        .filter(expected -> !expected.equals(published.hash()))
        .ifPresent(
            expected ->
                fail(
                    "%s version %d has hash %s after resuming, the checkpoint says %s"
                        .formatted(
                            published.weights(), published.version(), published.hash(), expected)));
    versions.get(published.weights()).published(published.version(), published.hash());
  }

  private void onLoaded(Worker worker, String hash) {
    Weights weights = worker.id.role().weights();
    Versions stream = versions.get(weights);
    if (!stream.hash(worker.version).equals(hash)) {
      wrongHash(worker, hash);
      return;
    }
    worker.idle();
    if (stream.held(worker.version)) {
      watchdog.progress(now);
    }
  }

  private void wrongHash(Worker worker, String hash) {
    Weights weights = worker.id.role().weights();
    replace(
        worker,
        "holds hash %s as %s version %d, which is %s"
            .formatted(hash, weights, worker.version, versions.get(weights).hash(worker.version)));
  }

  // ---------------------------------------------------------------- groups

  private void onGenerated(Event.Generated result) {
    Optional<Worker> worker = answer(result.worker(), result.order());
    List<BlobRef> blobs = List.of(result.images(), result.trajectory());
    if (worker.flatMap(Worker::group).isEmpty()) {
      worker.ifPresent(Worker::idle);
      discard(blobs);
    } else if (!versions.get(Weights.POLICY).hash(worker.get().version).equals(result.hash())) {
      discard(blobs);
      wrongHash(worker.get(), result.hash());
    } else {
      Worker done = worker.get();
      Group group = done.group().orElseThrow();
      group.generated(
          new Generation(
              done.id,
              done.version,
              result.hash(),
              result.images(),
              result.trajectory(),
              result.span()));
      done.idle();
      watchdog.progress(now);
    }
  }

  private void onScored(Event.Scored result) {
    Optional<Worker> worker = answer(result.worker(), result.order());
    List<BlobRef> blobs = result.features().stream().toList();
    if (worker.flatMap(Worker::group).isEmpty()) {
      worker.ifPresent(Worker::idle);
      discard(blobs);
    } else if (!versions.get(Weights.CRITIC).hash(worker.get().version).equals(result.hash())) {
      discard(blobs);
      wrongHash(worker.get(), result.hash());
    } else {
      Worker done = worker.get();
      Group group = done.group().orElseThrow();
      group.scored(
          new Scoring(
              done.id,
              done.version,
              result.hash(),
              result.scores(),
              result.features(),
              result.span()));
      done.idle();
      watchdog.progress(now);
    }
  }

  private void onScoreLater(Group group, String reason) {
    if (++group.retries > config.limits().scoreRetries()) {
      onUnscorable(group, "put off %d times, at last: %s".formatted(group.retries, reason));
      return;
    }
    group.stage = Stage.GENERATED;
    group.notBefore = now + config.limits().retryDelay().toMillis();
  }

  private void onUnscorable(Group group, String reason) {
    boolean stop = config.limits().onUnscorable() == OnUnscorable.STOP;
    boolean tooOften = group.attempt >= config.limits().replacements();
    effects.add(
        new Effect.Write(
            new LedgerEntry.Dropped(group.id, group.attempt, "unscorable: " + reason)));
    if (stop || tooOften) {
      group.blobs().forEach(this::release);
      groups.drop(group);
      fail(
          "group %s cannot be scored%s: %s"
              .formatted(
                  group.id,
                  stop ? "" : ", nor could its %d predecessors".formatted(group.attempt),
                  reason));
      return;
    }
    groups.replace(group).forEach(this::release);
    effects.add(new Effect.Admit(group.id, group.attempt));
    effects.add(
        new Effect.Report(
            "group %s cannot be scored and gets another prompt: %s".formatted(group.id, reason)));
    watchdog.progress(now);
  }

  private void discard(List<BlobRef> blobs) {
    groups.countDiscarded();
    blobs.stream().filter(b -> !groups.holds(b)).forEach(this::release);
  }

  private void release(BlobRef blob) {
    effects.add(new Effect.Release(blob));
  }

  // ---------------------------------------------------------------- steps

  private void onPolicyTrained(Event.PolicyTrained done) {
    if (training.isEmpty() || policyDone || done.step() != trained) {
      return;
    }
    policyDone = true;
    versions.get(Weights.POLICY).published(trained + 1, done.hash());
    afterLearner();
  }

  private void onCriticTrained(Event.CriticTrained done) {
    if (training.isEmpty() || criticDone || done.step() != trained) {
      return;
    }
    criticDone = true;
    versions.get(Weights.CRITIC).published(trained + 1, done.hash());
    afterLearner();
  }

  private void afterLearner() {
    watchdog.progress(now);
    if (policyDone && criticDone) {
      completeStep();
    }
  }

  private void completeStep() {
    List<TrainingGroup> done = training.stream().map(Group::complete).toList();
    int step = trained++;
    for (Group group : training) {
      groups.trained(group);
    }
    for (TrainingGroup group : done) {
      Generation generation = group.generation();
      Scoring scoring = group.scoring();
      effects.add(
          new Effect.Write(
              new LedgerEntry.Trained(
                  step,
                  group.id(),
                  group.attempt(),
                  group.leases(),
                  generation.version(),
                  generation.hash(),
                  scoring.version(),
                  scoring.hash())));
      release(generation.trajectory());
      scoring.features().ifPresent(this::release);
    }
    training = List.of();
    long criticVersion = config.critic() ? trained : 0;
    String policyHash = versions.get(Weights.POLICY).hash(trained);
    String criticHash = versions.get(Weights.CRITIC).hash(criticVersion);
    effects.add(
        new Effect.Write(
            new LedgerEntry.Step(
                step, trained, policyHash, criticVersion, criticHash, groups.counts())));
    effects.add(
        new Effect.StepDone(step, policyHash, criticVersion, criticHash, done, groups.counts()));
    checkpointDue |= trained % config.checkpointEvery() == 0 || trained == lastStep;
    reachEvaluation();
  }

  private void reachEvaluation() {
    evaluations
        .reached(trained)
        .ifPresent(
            skipped ->
                effects.add(
                    new Effect.Report(
                        "the evaluation at step %d is skipped: the one at step %s is not done yet"
                            .formatted(
                                skipped, evaluations.running().map(String::valueOf).orElse("?")))));
  }

  /** Does all that can be done now. */
  private void advance() {
    if (over || !started && !start()) {
      return;
    }
    freed = Math.max(freed, (int) Math.min(trained, versions.get(Weights.POLICY).newestHeld()));
    admit();
    checkpoint();
    redoStale();
    train();
    evaluations
        .start()
        .ifPresent(
            step ->
                effects.add(new Effect.Evaluate(step, versions.get(Weights.POLICY).hash(step))));
    Assignment assignment =
        new Assignment(config, groups, crew, versions, nextToTrain(), lastStep, now);
    assignment.assign(Role.ROLLOUT, effects);
    assignment.assign(Role.REWARD, effects);
    retire();
    if (trained >= lastStep
        && !checkpointDue
        && !checkpointPending
        && (evaluations.allDone() || trained < config.steps())) {
      finish();
    }
  }

  /** Begins as soon as the first versions are there. */
  private boolean start() {
    boolean ready =
        resumed
            .map(
                s ->
                    versions.get(Weights.POLICY).hashes().equals(s.policyHashes())
                        && versions.get(Weights.CRITIC).hashes().equals(s.criticHashes()))
            .orElseGet(
                () ->
                    versions.get(Weights.POLICY).exists(0)
                        && versions.get(Weights.CRITIC).exists(0));
    if (!ready) {
      return false;
    }
    started = true;
    watchdog.progress(now);
    if (resumed.isEmpty()) {
      effects.add(
          new Effect.Write(
              new LedgerEntry.Begun(
                  LedgerEntry.FORMAT,
                  schedule,
                  config.groupsPerStep(),
                  config.critic(),
                  versions.get(Weights.POLICY).hash(0),
                  versions.get(Weights.CRITIC).hash(0))));
    }
    reachEvaluation();
    return true;
  }

  private void admit() {
    long slots = (long) (freed + schedule.depth() + 1) * config.groupsPerStep();
    long limit = Math.min(slots, (long) lastStep * config.groupsPerStep());
    while (groups.nextIndex() < limit) {
      Group group = groups.admit();
      effects.add(new Effect.Admit(group.id, group.attempt));
    }
  }

  /** The next step that will start. */
  private int nextToTrain() {
    return training.isEmpty() ? trained : trained + 1;
  }

  private void checkpoint() {
    if (checkpointDue && !checkpointPending) {
      checkpointDue = false;
      checkpointPending = true;
      effects.add(new Effect.Checkpoint(snapshot()));
    }
  }

  private LedgerSnapshot snapshot() {
    return new LedgerSnapshot(
        LedgerSnapshot.FORMAT,
        schedule,
        config.groupsPerStep(),
        trained,
        groups.nextIndex(),
        groups.counts(),
        groups.snapshot(),
        new java.util.TreeMap<>(
            versions.get(Weights.POLICY).hashes().tailMap(oldestNeeded(Weights.POLICY))),
        new java.util.TreeMap<>(
            versions.get(Weights.CRITIC).hashes().tailMap(oldestNeeded(Weights.CRITIC))),
        0);
  }

  /** The oldest version that a group may still be generated or scored with. */
  private long oldestNeeded(Weights weights) {
    long newest = versions.get(weights).newest();
    if (schedule.mode() == Mode.FREE_RUNNING || weights == Weights.CRITIC && !config.critic()) {
      return newest;
    }
    long needed =
        weights == Weights.POLICY
            ? schedule.policyVersion(trained)
            : schedule.criticVersion(trained);
    return Math.min(newest, needed);
  }

  /** When free-running: what became too old for the next step is generated or scored again. */
  private void redoStale() {
    if (schedule.mode() != Mode.FREE_RUNNING) {
      return;
    }
    int next = nextToTrain();
    for (Group group : groups.open()) {
      boolean waits = group.stage == Stage.GENERATED || group.stage == Stage.SCORED;
      if (waits && group.generation().orElseThrow().version() < schedule.policyVersion(next)) {
        group.restart().forEach(this::release);
        groups.countRegenerated();
      } else if (group.stage == Stage.SCORED
          && config.critic()
          && group.scoring().orElseThrow().version() < schedule.criticVersion(next)) {
        group.rescore().forEach(this::release);
        groups.countRegenerated();
      }
    }
  }

  private void train() {
    if (!training.isEmpty() || checkpointDue || trained >= lastStep) {
      return;
    }
    groups
        .complete(trained)
        .ifPresent(
            ready -> {
              training = ready;
              policyDone = false;
              criticDone = !config.critic();
              ready.forEach(g -> g.stage = Stage.TRAINING);
              effects.add(new Effect.Train(trained, ready.stream().map(Group::complete).toList()));
              ready.forEach(g -> release(g.generation().orElseThrow().images()));
            });
  }

  private void retire() {
    for (Weights weights : Weights.values()) {
      long oldest = oldestNeeded(weights);
      versions
          .get(weights)
          .retire(
              v ->
                  v >= oldest
                      || crew.uses(weights, v)
                      || weights == Weights.POLICY && evaluations.needs(v))
          .forEach(v -> effects.add(new Effect.Retire(weights, v)));
    }
  }

  // ---------------------------------------------------------------- the end

  private void finish() {
    boolean stopped = trained < config.steps();
    end(stopped ? "stopped" : "finished");
    effects.add(
        new Effect.Finish(
            trained, stopped, newestHash(Weights.POLICY), newestHash(Weights.CRITIC), counts()));
  }

  private void fail(String firstCause) {
    if (!over) {
      end("failed: " + firstCause);
      effects.add(new Effect.Fail(firstCause));
    }
  }

  private void end(String outcome) {
    over = true;
    if (started) {
      effects.add(new Effect.Write(new LedgerEntry.Ended(trained, outcome, counts())));
    }
  }

  private String newestHash(Weights weights) {
    Versions stream = versions.get(weights);
    return stream.newest() == Worker.NOTHING ? "" : stream.hash(stream.newest());
  }
}
