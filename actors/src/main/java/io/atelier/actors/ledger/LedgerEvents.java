package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.event.EventHandler;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Weights;
import java.util.Optional;

/** Hands each event to the part of the ledger that handles it. */
final class LedgerEvents implements EventHandler {
  private final Books books;
  private final Steps steps;
  private final Staff staff;
  private final Presence presence;
  private final GroupEvents groups;
  private final Optional<LedgerSnapshot> resumed;

  LedgerEvents(
      Books books, Steps steps, Staff staff, GroupEvents groups, Optional<LedgerSnapshot> resumed) {
    this.books = books;
    this.steps = steps;
    this.staff = staff;
    this.presence = new Presence(books, staff);
    this.groups = groups;
    this.resumed = resumed;
  }

  @Override
  public void on(Event.Tick event) {
    long stood = books.time.tick(event.millis());
    long before = books.now;
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
    books.idle = !books.hasEffects() && !books.groups.wake(before, books.now);
  }

  @Override
  public void on(Event.Published published) {
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

  @Override
  public void on(Event.WorkerLost event) {
    staff.onLost(event.worker(), event.error());
  }

  @Override
  public void on(Event.NodeJoined event) {
    staff.onNodeJoined(event);
  }

  @Override
  public void on(Event.NodeBeat event) {
    books.idle = !presence.onNodeBeat(event) && !books.hasEffects();
  }

  @Override
  public void on(Event.GaveUp event) {
    staff.onGaveUp(event);
  }

  @Override
  public void on(Event.NodeLost event) {
    staff.onNodeLost(event.node());
  }

  @Override
  public void on(Event.Loaded event) {
    staff.onLoaded(event);
  }

  @Override
  public void on(Event.NotLoaded event) {
    staff.onNotLoaded(event);
  }

  @Override
  public void on(Event.NoRoom event) {
    books.storage.lacks(event);
  }

  @Override
  public void on(Event.Generated event) {
    groups.onGenerated(event);
  }

  @Override
  public void on(Event.Scored event) {
    groups.onScored(event);
  }

  @Override
  public void on(Event.Landed event) {
    groups.onLanded(event);
  }

  @Override
  public void on(Event.NotLanded event) {
    groups.onNotLanded(event);
  }

  @Override
  public void on(Event.ImagesGone event) {
    groups.onImagesGone(event);
  }

  @Override
  public void on(Event.ScoreLater event) {
    groups.onScoreLater(event);
  }

  @Override
  public void on(Event.Unscorable event) {
    groups.onUnscorable(event);
  }

  @Override
  public void on(Event.Released event) {
    staff.onReleased(event.worker(), event.order());
  }

  @Override
  public void on(Event.PolicyTrained event) {
    steps.onPolicyTrained(event);
  }

  @Override
  public void on(Event.CriticTrained event) {
    steps.onCriticTrained(event);
  }

  @Override
  public void on(Event.Evaluated event) {
    books.evaluations.onDone(event.step());
  }

  @Override
  public void on(Event.NotEvaluated event) {
    books.evaluations.onNotDone(event);
  }

  @Override
  public void on(Event.Journaled event) {
    steps.onJournaled(event.steps());
  }

  @Override
  public void on(Event.CheckpointWritten event) {
    steps.onCheckpointWritten(event.step());
  }

  @Override
  public void on(Event.CheckpointRequested event) {
    steps.requestCheckpoint();
  }

  @Override
  public void on(Event.EvaluationRequested event) {
    books.evaluations.request(steps.newest());
  }

  @Override
  public void on(Event.AmendmentRequested event) {
    steps.amend(event);
  }

  @Override
  public void on(Event.PauseRequested event) {
    books.paused = event.pause();
  }

  @Override
  public void on(Event.StopRequested event) {
    steps.stop(event.atOnce());
  }

  @Override
  public void on(Event.Broken event) {
    steps.fail(event.cause());
  }
}
