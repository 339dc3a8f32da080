package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.AwakeTime;
import io.atelier.actors.ledger.state.Crew;
import io.atelier.actors.ledger.state.Groups;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.Nodes;
import io.atelier.actors.ledger.state.Versions;
import io.atelier.actors.ledger.state.Watchdog;
import java.util.ArrayList;
import java.util.List;

/**
 * What the parts of the ledger share: the state of the run, and the effects of the present event.
 */
final class Books {
  final LedgerConfig config;
  final Groups groups;
  final Crew crew;
  final Nodes nodes;
  final Versions policy = new Versions();
  final Versions critic = new Versions();
  final Evaluations evaluations;
  final Watchdog watchdog;
  final Storage storage;

  final AwakeTime time;

  /** Time since the first tick in which the conductor was awake, in milliseconds. */
  long now;

  /** Whether the first versions are published. */
  boolean started;

  /** Whether no new leases are given. */
  boolean paused;

  /** Whether the present event changes nothing that work depends on. */
  boolean idle;

  private boolean over;
  private List<Effect> effects = new ArrayList<>();

  Books(LedgerConfig config, int epoch) {
    this.config = config;
    this.crew = new Crew(epoch);
    this.nodes = new Nodes(config.limits().nodeSilence());
    this.groups = new Groups(config.schedule(), config.groupsPerStep());
    this.evaluations = new Evaluations(this);
    this.storage = new Storage(this);
    this.time = new AwakeTime(config.limits().nodeSilence());
    this.watchdog = new Watchdog(config.limits().watchdog());
  }

  Versions versions(Weights weights) {
    return weights == Weights.POLICY ? policy : critic;
  }

  boolean freeRunning() {
    return config.schedule().mode() == Schedule.Mode.FREE_RUNNING;
  }

  /** Notes progress for the watchdog. */
  void progress() {
    watchdog.progress(now);
  }

  // ---------------------------------------------------------------- effects

  void emit(Effect effect) {
    effects.add(effect);
  }

  void report(String message) {
    emit(new Effect.Report(message));
  }

  void write(LedgerEntry entry) {
    emit(new Effect.Write(entry));
  }

  /** How long a node that is lost may take to come back, in milliseconds. */
  long patience() {
    return config.limits().watchdog().toMillis();
  }

  void release(BlobRef blob) {
    emit(new Effect.Release(blob));
  }

  /** Releases the blobs of a late or duplicate result, except those that an open group holds. */
  void discard(List<BlobRef> blobs) {
    groups.countDiscarded();
    blobs.stream().filter(b -> !groups.holds(b)).forEach(this::release);
  }

  boolean hasEffects() {
    return !effects.isEmpty();
  }

  /** The effects since the last call. */
  List<Effect> takeEffects() {
    List<Effect> taken = effects;
    effects = new ArrayList<>();
    return taken;
  }

  // ---------------------------------------------------------------- the end

  boolean over() {
    return over;
  }

  void fail(int steps, String firstCause) {
    if (!over) {
      end(steps, "failed: " + firstCause);
      emit(new Effect.Fail(firstCause));
    }
  }

  void finish(int steps) {
    List<Integer> open = evaluations.open();
    boolean stopped = steps < config.steps() || !open.isEmpty();
    if (!open.isEmpty()) {
      report(
          "these steps are not evaluated yet, which is done when the run goes on: "
              + Evaluations.named(open));
    }
    end(steps, stopped ? "stopped" : "finished");
    emit(
        new Effect.Finish(
            steps, stopped, policy.newestHash(), critic.newestHash(), groups.counts()));
  }

  private void end(int steps, String outcome) {
    over = true;
    if (started) {
      write(new LedgerEntry.Ended(steps, outcome, groups.counts()));
    }
  }
}
