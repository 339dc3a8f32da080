package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Credit;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.Group;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.actors.ledger.state.LedgerConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The steps of a run: which groups may be open, when a step starts and what follows when it is
 * trained. Both learners train a step before the next one starts, so every boundary is one point of
 * the run.
 */
final class Steps {
  private final Books books;
  private final LedgerConfig config;
  private final Schedule schedule;
  private final NeededVersions needed;

  private int trained;

  /** Steps whose lines in the journal are written. */
  private int journaled;

  /** Steps whose slots are free again. */
  private int freed;

  /** Steps after which the run ends. */
  private int last;

  /** Whether the run shall stop without waiting for its evaluations. */
  private boolean stopping;

  private List<Group> training = List.of();
  private List<Credit> credits = List.of();
  private boolean policyDone;
  private boolean criticDone;
  private final Amendments amendments = new Amendments();
  private boolean checkpointDue;

  /** Whether one is due after the step that is trained now, whatever its number is. */
  private boolean checkpointWanted;

  private boolean checkpointPending;

  /** Steps that the checkpoint holds that is written or was asked for last. */
  private int checkpointing;

  /** Steps that the newest checkpoint holds that is written. */
  private int checkpointed;

  Steps(Books books) {
    this.books = books;
    this.config = books.config;
    this.schedule = books.config.schedule();
    this.needed = new NeededVersions(books);
    this.last = config.steps();
  }

  void restore(LedgerSnapshot snapshot) {
    trained = snapshot.step();
    journaled = trained;
    checkpointing = trained;
    checkpointed = trained;
    freed = Math.max(0, trained - 1);
    books.evaluations.restore(snapshot.evaluations());
  }

  /** Steps after which the run ends. */
  int last() {
    return last;
  }

  /** The newest version of the policy; that of the steps trained until any is published. */
  int newest() {
    return (int) Math.max(trained(), books.policy.newest());
  }

  int trained() {
    return trained;
  }

  /** The next step that will start. */
  int next() {
    return training.isEmpty() ? trained : trained + 1;
  }

  // ---------------------------------------------------------------- the learners' answers

  void onPolicyTrained(Event.PolicyTrained done) {
    if (!training.isEmpty() && !policyDone && done.step() == trained) {
      policyDone = true;
      credits = done.credits();
      books.policy.published(trained + 1, done.hash());
      afterLearner();
    }
  }

  void onCriticTrained(Event.CriticTrained done) {
    if (!training.isEmpty() && !criticDone && done.step() == trained) {
      criticDone = true;
      books.critic.published(trained + 1, done.hash());
      afterLearner();
    }
  }

  private void afterLearner() {
    books.progress();
    if (policyDone && criticDone) {
      complete();
    }
  }

  private void complete() {
    List<TrainingGroup> done = training.stream().map(Group::complete).toList();
    training.forEach(books.groups::trained);
    training = List.of();
    int step = trained++;
    for (int g = 0; g < done.size(); g++) {
      TrainingGroup group = done.get(g);
      books.write(LedgerEntry.Trained.of(step, group));
      if (!credits.isEmpty()) {
        books.write(LedgerEntry.Rewarded.of(step, group, credits.get(g)));
      }
      books.release(group.generation().trajectory());
      group.scoring().features().ifPresent(books::release);
    }
    long criticVersion = config.critic() ? trained : 0;
    String policyHash = books.policy.hash(trained);
    String criticHash = books.critic.hash(criticVersion);
    Counts counts = books.groups.counts();
    books.write(new LedgerEntry.Step(step, trained, policyHash, criticVersion, criticHash, counts));
    books.emit(new Effect.StepDone(step, policyHash, criticVersion, criticHash, done, counts));
    // after the step's report, by which the gallery takes them over
    done.forEach(group -> group.scoring().pictures().ifPresent(books::release));
    checkpointDue |= trained % config.checkpointEvery() == 0 || trained == last || checkpointWanted;
    checkpointWanted = false;
    books.evaluations.reached(trained);
  }

  Amendments amendments() {
    return amendments;
  }

  /** Takes effect in the next step that begins. */
  void amend(Event.AmendmentRequested request) {
    books.emit(
        new Effect.Amend(
            amendments.add(boundary(), request.key(), request.value(), request.why())));
  }

  void onJournaled(int steps) {
    journaled = Math.max(journaled, steps);
    books.progress();
  }

  /** Whether too much of the journal is unwritten to start a step. */
  private boolean isJournalBehind() {
    return trained - journaled > 1;
  }

  void onCheckpointWritten(int step) {
    checkpointPending = false;
    checkpointed = step;
    books.progress();
  }

  /** A checkpoint shall be written at the next step boundary. */
  void requestCheckpoint() {
    if (boundary() > trained) {
      checkpointWanted = true;
    } else {
      checkpointDue |= trained > checkpointing;
    }
  }

  int boundary() {
    return training.isEmpty() ? trained : trained + 1;
  }

  int checkpointed() {
    return checkpointed;
  }

  /** Stops the run, after the current step or at once. */
  void stop(boolean atOnce) {
    books.paused = false;
    stopping = true;
    if (atOnce) {
      books.finish(trained);
    } else {
      last = Math.min(last, trained + 1);
    }
  }

  void fail(String firstCause) {
    books.fail(trained, firstCause);
  }

  /** What the run waits for, apart from workers. */
  List<String> pending() {
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
    if (isJournalBehind()) {
      pending.add(
          "the ledger file is written up to step %d, of %d that are trained"
              .formatted(journaled, trained));
    }
    return pending;
  }

  // ---------------------------------------------------------------- what can be done now

  /**
   * Admits groups while there are slots; a step frees its slots once a worker holds its version.
   */
  void admit() {
    freed = Math.max(freed, (int) Math.min(trained, books.policy.newestHeld()));
    long slots = (long) (freed + schedule.depth() + 1) * config.groupsPerStep();
    long limit = Math.min(slots, (long) last * config.groupsPerStep());
    while (books.groups.nextIndex() < limit) {
      Group group = books.groups.admit();
      books.emit(new Effect.Admit(group.id, group.attempt));
    }
  }

  /** Asks for a checkpoint that is due, once the one before it is written. */
  void checkpoint() {
    if (checkpointDue && !checkpointPending) {
      checkpointDue = false;
      checkpointPending = true;
      checkpointing = trained;
      books.emit(new Effect.Checkpoint(snapshot()));
    }
  }

  private LedgerSnapshot snapshot() {
    return new LedgerSnapshot(
        LedgerSnapshot.FORMAT,
        schedule,
        config.groupsPerStep(),
        trained,
        books.groups.nextIndex(),
        books.groups.counts(),
        books.groups.snapshot(),
        needed.of(Weights.POLICY, trained),
        needed.of(Weights.CRITIC, trained),
        books.evaluations.open(),
        0);
  }

  /** When free-running: generates or scores again what is too old for the next step. */
  void redoStale() {
    if (!books.freeRunning()) {
      return;
    }
    for (Group group : books.groups.open()) {
      boolean scored = group.stage() == Stage.SCORED || group.stage() == Stage.LANDED;
      boolean waits = group.stage() == Stage.GENERATED || scored;
      if (waits && group.generation().orElseThrow().version() < schedule.policyVersion(next())) {
        group.restart().forEach(books::release);
        books.groups.countRegenerated();
      } else if (scored
          && config.critic()
          && group.scoring().orElseThrow().version() < schedule.criticVersion(next())) {
        group.rescore().forEach(books::release);
        books.groups.countRegenerated();
      }
    }
  }

  /**
   * Starts the next step if its groups are complete, a due checkpoint was taken before it, and the
   * journal is not behind.
   */
  void train() {
    if (training.isEmpty() && !checkpointDue && trained < last && !isJournalBehind()) {
      books.groups.complete(trained).ifPresent(this::start);
    }
  }

  private void start(List<Group> groups) {
    training = groups;
    policyDone = false;
    criticDone = !config.critic();
    groups.forEach(g -> g.stage(Stage.TRAINING));
    amendments.entries(trained).forEach(books::write);
    books.emit(
        new Effect.Train(
            trained, groups.stream().map(Group::complete).toList(), amendments.inForce(trained)));
    groups.forEach(g -> books.release(g.generation().orElseThrow().images()));
  }

  /** Retires versions that are no longer needed. */
  void retire() {
    needed.retire(trained);
  }

  /**
   * Ends the run once its last step, checkpoint and evaluation are done. One that is to stop leaves
   * its open evaluations to whoever goes on with it.
   */
  void finish() {
    if (isTrained() && (stopping || books.evaluations.open().isEmpty())) {
      books.finish(trained);
    }
  }

  /** Whether nothing but evaluations can be left to do. */
  private boolean isTrained() {
    return trained >= last && !checkpointDue && !checkpointPending;
  }

  /** Evaluations have their own time limit, so waiting for them alone is no stall. */
  void onTick() {
    if (books.started && isTrained()) {
      books.progress();
    }
  }
}
