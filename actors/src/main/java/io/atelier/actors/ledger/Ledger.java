package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Group.Stage;
import io.atelier.actors.ledger.LedgerConfig.OnUnscorable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
 *       frees it when a worker holds the version that its step produced; no group is trained in a
 *       step that its versions are too old for.
 *   <li>G7: groups, versions, orders, evaluations and checkpoints under way are limited.
 *   <li>G9: when nothing moves, the run says who waits for what, takes back what is stuck, and
 *       fails if that does not help.
 * </ul>
 */
public final class Ledger {

  /** How often in a row what a group made may be gone before the run fails. */
  private static final int MISSES = 10;

  private static final String UNSCORABLE = "unscorable: ";

  private final Books books;
  private final Steps steps;
  private final Staff staff;
  private final Optional<LedgerSnapshot> resumed;
  private Map<Integer, String> evaluated = Map.of();
  private Flatness flatness = Flatness.NONE;
  private int flatReplacements;

  private Ledger(LedgerConfig config, int epoch, Optional<LedgerSnapshot> resumed) {
    this.books = new Books(config, epoch);
    this.steps = new Steps(books);
    this.staff = new Staff(books, steps);
    this.resumed = resumed;
    resumed.ifPresent(this::restore);
  }

  /**
   * The ledger of a fresh run.
   *
   * @param epoch which conductor of the run this is; the orders of a later one are larger
   */
  public static Ledger create(LedgerConfig config, int epoch) {
    return new Ledger(config, epoch, Optional.empty());
  }

  /**
   * The ledger of a run that goes on from a checkpoint.
   *
   * @param epoch as for {@link #create}
   * @throws IllegalArgumentException if the schedule or the groups per step are not the
   *     checkpoint's
   */
  public static Ledger resume(LedgerConfig config, int epoch, LedgerSnapshot snapshot) {
    return new Ledger(config, epoch, Optional.of(snapshot));
  }

  private void restore(LedgerSnapshot snapshot) {
    LedgerConfig config = books.config;
    if (snapshot.format() != LedgerSnapshot.FORMAT) {
      throw new IllegalArgumentException(
          "the checkpoint's ledger has format %d, this program reads %d"
              .formatted(snapshot.format(), LedgerSnapshot.FORMAT));
    }
    if (!snapshot.schedule().equals(config.schedule())
        || snapshot.groupsPerStep() != config.groupsPerStep()) {
      throw new IllegalArgumentException(
          "a run keeps its schedule: the checkpoint has %s with %d groups per step, not %s with %d"
              .formatted(
                  snapshot.schedule(),
                  snapshot.groupsPerStep(),
                  config.schedule(),
                  config.groupsPerStep()));
    }
    books.groups.restore(snapshot);
    steps.restore(snapshot);
  }

  /**
   * Says what was evaluated before, so that it is not done again. To be called before the first
   * event.
   *
   * @param hashes content hash of what was evaluated, by step
   */
  public void evaluated(Map<Integer, String> hashes) {
    evaluated = Map.copyOf(hashes);
  }

  /**
   * Has groups that are flat replaced. To be called before the first event.
   *
   * @param most how often one group is replaced before it is kept
   */
  public void replaceFlat(Flatness rule, int most) {
    flatness = rule;
    flatReplacements = most;
  }

  /**
   * Says from which steps on which values are others. To be called before the first event.
   *
   * @param all in the order in which they were made
   */
  public void amended(List<Amendment> all) {
    steps.amended(all);
  }

  /** Takes in what happened; returns what is to be done, in order. Nothing once the run is over. */
  public List<Effect> on(Event event) {
    if (!books.over()) {
      handle(event);
      advance();
    }
    return books.takeEffects();
  }

  public Counts counts() {
    return books.groups.counts();
  }

  /** All that people may want to know; changes nothing. */
  public LedgerStatus status() {
    return new Overview(books, steps).take();
  }

  /** Whether the outcome of that evaluation is wanted. */
  public boolean awaitsEvaluation(int step) {
    return !books.over() && books.evaluations.awaits(step);
  }

  /** Whether an evaluation is due, or under way. */
  public boolean isEvaluationOpen(int step) {
    return !books.over() && books.evaluations.open().contains(step);
  }

  /** The newest version of the policy; that of the steps trained until any is published. */
  public int newest() {
    return (int) Math.max(steps.trained(), books.policy.newest());
  }

  /** Steps that the newest checkpoint holds, or 0. */
  public int checkpointed() {
    return steps.checkpointed();
  }

  /** Steps that the next boundary between steps has behind it, this one if no step is trained. */
  public int boundary() {
    return steps.boundary();
  }

  /** Steps after which the run ends. */
  public int last() {
    return steps.last();
  }

  /** Names of the nodes that neither left nor are taken for lost. */
  public List<String> presentNodes() {
    return books.nodes.present();
  }

  /** How many workers of a role are neither lost nor have left. */
  public int workers(Role role) {
    return books.crew.count(role);
  }

  /** How many versions of a stream are not retired. */
  public int versions(Weights weights) {
    return books.versions(weights).size();
  }

  private void handle(Event event) {
    if (event instanceof Event.Tick tick) {
      onTick(tick.millis());
    } else if (event instanceof Event.Published published) {
      onPublished(published);
    } else if (event instanceof Event.WorkerJoined joined) {
      staff.onJoined(joined.worker());
    } else if (event instanceof Event.WorkerLost lost) {
      staff.onLost(lost.worker(), lost.error());
    } else if (event instanceof Event.NodeJoined joined) {
      staff.onNodeJoined(joined);
    } else if (event instanceof Event.NodeBeat beat) {
      staff.onNodeBeat(beat.node());
    } else if (event instanceof Event.GaveUp gaveUp) {
      staff.onGaveUp(gaveUp);
    } else if (event instanceof Event.NodeLost lost) {
      staff.onNodeLost(lost.node());
    } else if (event instanceof Event.Loaded loaded) {
      staff.onLoaded(loaded);
    } else if (event instanceof Event.Released released) {
      staff.onReleased(released.worker(), released.order());
    } else {
      handleGroup(event);
    }
  }

  private void handleGroup(Event event) {
    if (event instanceof Event.Generated generated) {
      onGenerated(generated);
    } else if (event instanceof Event.Scored scored) {
      onScored(scored);
    } else if (event instanceof Event.Landed landed) {
      onLanded(landed);
    } else if (event instanceof Event.NotLanded missing) {
      onNotLanded(missing);
    } else if (event instanceof Event.ImagesGone gone) {
      unscored(gone.worker(), gone.order()).ifPresent(g -> onImagesGone(g, gone));
    } else if (event instanceof Event.ScoreLater later) {
      unscored(later.worker(), later.order()).ifPresent(g -> onScoreLater(g, later.reason()));
    } else if (event instanceof Event.Unscorable never) {
      unscored(never.worker(), never.order()).ifPresent(g -> onUnscorable(g, never.reason()));
    } else if (event instanceof Event.PolicyTrained done) {
      steps.onPolicyTrained(done);
    } else if (event instanceof Event.CriticTrained done) {
      steps.onCriticTrained(done);
    } else {
      handleRun(event);
    }
  }

  private void handleRun(Event event) {
    if (event instanceof Event.Evaluated done) {
      books.evaluations.onDone(done.step());
    } else if (event instanceof Event.NotEvaluated failed) {
      books.evaluations.onNotDone(failed);
    } else if (event instanceof Event.Journaled journaled) {
      steps.onJournaled(journaled.steps());
    } else if (event instanceof Event.CheckpointWritten written) {
      steps.onCheckpointWritten(written.step());
    } else if (event instanceof Event.CheckpointRequested) {
      steps.requestCheckpoint();
    } else if (event instanceof Event.EvaluationRequested) {
      books.evaluations.request(newest());
    } else if (event instanceof Event.AmendmentRequested request) {
      steps.amend(request);
    } else if (event instanceof Event.PauseRequested request) {
      books.paused = request.pause();
    } else if (event instanceof Event.StopRequested stop) {
      steps.stop(stop.atOnce());
    } else if (event instanceof Event.Broken broken) {
      steps.fail(broken.cause());
    }
  }

  private void onTick(long millis) {
    long stood = books.time.tick(millis);
    books.now = books.time.now();
    if (stood > 0) {
      books.nodes.listen(books.now);
    }
    if (stood >= books.config.limits().nodeSilence().toMillis()) {
      books.report(
          "the conductor stood still for %d ms; no node and no worker is blamed for that time"
              .formatted(stood));
    }
    books.evaluations.onTick();
    steps.onTick();
    staff.onTick();
  }

  private void onPublished(Event.Published published) {
    Weights weights = published.weights();
    long version = published.version();
    resumed
        .map(s -> weights == Weights.POLICY ? s.policyHashes() : s.criticHashes())
        .map(hashes -> hashes.get(version))
        .filter(expected -> !expected.equals(published.hash()))
        .ifPresent(
            expected ->
                steps.fail(
                    "%s version %d has hash %s after resuming, the checkpoint says %s"
                        .formatted(weights, version, published.hash(), expected)));
    books.versions(weights).published(version, published.hash());
  }

  // ---------------------------------------------------------------- groups

  private void onGenerated(Event.Generated result) {
    Optional<Worker> worker = staff.result(result.worker(), result.order());
    if (worker.isEmpty() || !staff.proven(worker.get(), result.hash())) {
      books.discard(List.of(result.images(), result.trajectory()));
      return;
    }
    Worker done = worker.get();
    books.nodes.worked(done.id);
    done.group()
        .orElseThrow()
        .generated(
            new Generation(
                done.id,
                done.version,
                result.hash(),
                result.images(),
                result.trajectory(),
                result.span()));
    done.idle();
    books.progress();
  }

  private void onScored(Event.Scored result) {
    Optional<Worker> worker = staff.result(result.worker(), result.order());
    if (worker.isEmpty() || !staff.proven(worker.get(), result.hash())) {
      books.discard(Stream.concat(result.features().stream(), result.pictures().stream()).toList());
      return;
    }
    Worker done = worker.get();
    books.nodes.worked(done.id);
    Group group = done.group().orElseThrow();
    group.scored(
        new Scoring(
            done.id,
            done.version,
            result.hash(),
            result.scores(),
            result.potentials(),
            result.features(),
            result.pictures(),
            result.transfer(),
            result.encoded(),
            result.span()),
        result.order());
    done.idle();
    books.progress();
    if (group.flats < flatReplacements
        && flatness.isFlat(group.id, group.attempt, result.scores())) {
      group.flats++;
      replace(group, "flat: all of its images have one reward");
      return;
    }
    books.emit(
        new Effect.Land(
            group.id,
            result.order(),
            group.generation().orElseThrow().trajectory(),
            result.features()));
  }

  private void onLanded(Event.Landed result) {
    Optional<Group> group =
        books.groups.find(result.id()).filter(g -> g.awaitsLanding(result.order()));
    if (group.isEmpty()) {
      books.discard(
          Stream.concat(Stream.of(result.trajectory()), result.features().stream()).toList());
      return;
    }
    group.get().landed(result.trajectory(), result.features());
    books.progress();
  }

  private void onNotLanded(Event.NotLanded result) {
    books
        .groups
        .find(result.id())
        .filter(g -> g.awaitsLanding(result.order()))
        .ifPresent(group -> generateAgain(group, result.reason()));
  }

  private void generateAgain(Group group, String reason) {
    if (++group.misses > MISSES) {
      steps.fail(
          "what group %s made was gone %d times before it could be trained, at last: %s"
              .formatted(group.id, group.misses, reason));
      return;
    }
    group.restart().forEach(books::release);
    books.groups.countRegenerated();
    books.report("group %s is generated again: %s".formatted(group.id, reason));
  }

  /** The group that a worker could not score, if it still has it; the worker is free again. */
  private Optional<Group> unscored(WorkerId id, long order) {
    Optional<Worker> worker = staff.result(id, order);
    Optional<Group> group = worker.flatMap(Worker::group);
    worker.ifPresent(Worker::idle);
    if (group.isEmpty()) {
      books.discard(List.of());
    }
    return group;
  }

  /** Perhaps it is the worker that cannot get at what others can. */
  private void onImagesGone(Group group, Event.ImagesGone gone) {
    group.missedAt(gone.worker());
    generateAgain(group, gone.reason());
  }

  private void onScoreLater(Group group, String reason) {
    LedgerConfig.Limits limits = books.config.limits();
    if (++group.retries > limits.scoreRetries()) {
      onUnscorable(group, "put off %d times, at last: %s".formatted(group.retries, reason));
      return;
    }
    group.stage = Stage.GENERATED;
    group.notBefore = books.now + limits.retryDelay().toMillis();
  }

  private void onUnscorable(Group group, String reason) {
    LedgerConfig.Limits limits = books.config.limits();
    boolean stop = limits.onUnscorable() == OnUnscorable.STOP;
    int before = group.attempt - group.flats;
    if (stop || before >= limits.replacements()) {
      books.write(new LedgerEntry.Dropped(group.id, group.attempt, UNSCORABLE + reason));
      group.blobs().forEach(books::release);
      books.groups.drop(group);
      String others = stop ? "" : ", nor could its %d predecessors".formatted(before);
      steps.fail("group %s cannot be scored%s: %s".formatted(group.id, others, reason));
      return;
    }
    replace(group, UNSCORABLE + reason);
    books.report(
        "group %s cannot be scored and gets another prompt: %s".formatted(group.id, reason));
    books.progress();
  }

  /** Gives a group up, and has its next attempt drawn in its place. */
  private void replace(Group group, String reason) {
    books.write(new LedgerEntry.Dropped(group.id, group.attempt, reason));
    books.groups.replace(group).forEach(books::release);
    books.emit(new Effect.Admit(group.id, group.attempt));
  }

  // ---------------------------------------------------------------- what follows

  /** Does all that can be done now. */
  private void advance() {
    if (books.over() || !books.started && !start()) {
      return;
    }
    steps.admit();
    steps.checkpoint();
    steps.redoStale();
    steps.train();
    books.evaluations.start();
    Assignment assignment = new Assignment(books, steps.next(), steps.last());
    assignment.assign(Role.ROLLOUT);
    assignment.assign(Role.REWARD);
    steps.retire();
    steps.finish();
  }

  /** Begins as soon as the first versions are there. */
  private boolean start() {
    Set<Long> policy = resumed.map(s -> s.policyHashes().keySet()).orElse(Set.of(0L));
    Set<Long> critic = resumed.map(s -> s.criticHashes().keySet()).orElse(Set.of(0L));
    if (!books.policy.hashes().keySet().equals(policy)
        || !books.critic.hashes().keySet().equals(critic)) {
      return false;
    }
    books.started = true;
    books.progress();
    if (resumed.isEmpty()) {
      books.write(
          new LedgerEntry.Begun(
              LedgerEntry.FORMAT,
              books.config.schedule(),
              books.config.groupsPerStep(),
              books.config.critic(),
              books.policy.hash(0),
              books.critic.hash(0)));
    }
    books.evaluations.begin(steps.trained(), evaluated);
    return true;
  }
}
