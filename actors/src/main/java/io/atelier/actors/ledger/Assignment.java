package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.Group;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.actors.ledger.state.Groups;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.Worker;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Gives work to idle workers, oldest group first. A group for which no idle worker holds the
 * version has one load it; the others load the newest version that will be needed, and wait.
 */
final class Assignment {
  private final Books books;
  private final Schedule schedule;
  private final Groups groups;
  private final int nextStep;
  private final int last;

  /**
   * @param nextStep the next step that will start
   * @param last steps after which the run ends
   */
  Assignment(Books books, int nextStep, int last) {
    this.books = books;
    this.schedule = books.config.schedule();
    this.groups = books.groups;
    this.nextStep = nextStep;
    this.last = last;
  }

  void assign(Role role) {
    long ahead = ahead(role);
    if (!hasWork(role, ahead)) {
      return;
    }
    if (books.freeRunning()) {
      prepare(role, ahead); // an older version is good for nothing
    }
    if (!books.paused) {
      giveOut(role, ahead);
    }
    prepare(role, ahead);
  }

  /**
   * Whether there may be something for an idle worker: a group and the version that it needs, or a
   * newer version than it holds. Saves the look at all of them after every event.
   */
  private boolean hasWork(Role role, long ahead) {
    return books.crew.hasIdle(role)
        && (books.crew.hasIdleBelow(role, ahead)
            || !books.paused
                && firstWaiting(role).isPresent()
                && books.versions(role.weights()).exists(wanted(role)));
  }

  /** The newest version that will be needed, as far as there is one. */
  private long ahead(Role role) {
    return Math.min(books.versions(role.weights()).newest(), upcoming(role));
  }

  private void giveOut(Role role, long ahead) {
    Map<Long, Integer> loading = new HashMap<>();
    Optional<Group> waiting = firstWaiting(role);
    for (; waiting.isPresent(); waiting = nextWaiting(role, waiting.get())) {
      Group group = waiting.get();
      long version = books.freeRunning() ? ahead : needed(role, group.id.step());
      if (!books.crew.hasIdle(role) || !books.versions(role.weights()).exists(version)) {
        return; // nor does that of a later group
      }
      Optional<Worker> able = able(role, version, group);
      if (able.isPresent()) {
        books.emit(lease(able.get(), group));
      } else if (!books.freeRunning()) {
        load(role, version, group, loading);
      }
    }
  }

  /** Idle workers load what they will need next. None goes back to an older version by this. */
  private void prepare(Role role, long version) {
    if (books.crew.hasIdleBelow(role, version) && books.versions(role.weights()).exists(version)) {
      books.crew.idle(role).stream()
          .filter(worker -> worker.version() < version)
          .forEach(worker -> books.emit(load(worker, version)));
    }
  }

  /** The worker that has a version and may have a group, the one that came first. */
  private Optional<Worker> able(Role role, long version, Group group) {
    return books.crew.idle(role, version).stream()
        .filter(worker -> !avoids(group, worker) && fresh(worker, group))
        .filter(worker -> role == Role.REWARD || books.storage.admits(worker.id.node(), group))
        .findFirst();
  }

  /**
   * A worker loads what a group needs, unless one does already that no earlier group counts on; one
   * that gets all versions rather than one that did not of late.
   *
   * @param loading by version, workers that load it and that no group counts on yet
   */
  private void load(Role role, long version, Group group, Map<Long, Integer> loading) {
    Weights weights = role.weights();
    if (loading.computeIfAbsent(version, v -> books.crew.loading(weights, v)) > 0) {
      loading.merge(version, -1, Integer::sum);
      return;
    }
    Worker chosen = null;
    for (Worker worker : books.crew.idle(role)) {
      if (worker.version() != version
          && !avoids(group, worker)
          && (role == Role.REWARD || books.storage.mayAdmit(worker.id.node(), group))
          && (chosen == null || worker.notLoaded < chosen.notLoaded)) {
        chosen = worker;
        if (worker.notLoaded == 0) {
          break;
        }
      }
    }
    if (chosen != null) {
      books.emit(load(chosen, version));
    }
  }

  private boolean avoids(Group group, Worker worker) {
    return group.avoids(worker.id, () -> books.nodes.able(worker.id.role()));
  }

  /** Whether what a worker makes of a group will not be too old for the step that takes it. */
  private boolean fresh(Worker worker, Group group) {
    return !books.freeRunning()
        || worker.version() >= needed(worker.id.role(), groups.expectedStep(group, nextStep));
  }

  /** The version that an idle worker should hold, whether it exists yet or not. */
  long wanted(Role role) {
    long upcoming = upcoming(role);
    return books.freeRunning()
        ? upcoming
        : firstWaiting(role).map(g -> needed(role, g.id.step())).orElse(upcoming);
  }

  /** The oldest group that is queued for this role. */
  private Optional<Group> firstWaiting(Role role) {
    return ready(groups.at(queue(role)));
  }

  private Optional<Group> nextWaiting(Role role, Group group) {
    return ready(groups.after(queue(role), group));
  }

  private Optional<Group> ready(Collection<Group> queue) {
    return queue.stream()
        .filter(group -> books.freeRunning() || group.id.step() < last)
        .filter(group -> group.notBefore <= books.now)
        .findFirst();
  }

  private static Stage queue(Role role) {
    return role == Role.ROLLOUT ? Stage.ADMITTED : Stage.GENERATED;
  }

  /** The oldest version that may be used for a step. */
  private long needed(Role role, int step) {
    if (role == Role.ROLLOUT) {
      return schedule.policyVersion(step);
    }
    return books.config.critic() ? schedule.criticVersion(step) : 0;
  }

  /** The version that an idle worker will need next, whether it exists yet or not. */
  private long upcoming(Role role) {
    if (books.freeRunning()) {
      return books.versions(role.weights()).newest();
    }
    int step = role == Role.REWARD ? groups.oldestUnscored() : groups.nextStep();
    return needed(role, step);
  }

  private Effect load(Worker worker, long version) {
    Weights weights = worker.id.role().weights();
    worker.load(version);
    String hash = books.versions(weights).hash(version);
    return books.crew.order(
        worker,
        books.now,
        books.config.limits().load(),
        order -> new Effect.Load(worker.id, order, weights, version, hash));
  }

  private Effect lease(Worker worker, Group group) {
    group.leases++;
    worker.lease(group);
    long version = worker.version();
    String hash = books.versions(worker.id.role().weights()).hash(version);
    LedgerConfig.Limits limits = books.config.limits();
    if (worker.id.role() == Role.ROLLOUT) {
      group.stage(Stage.GENERATING);
      return books.crew.order(
          worker,
          books.now,
          limits.rolloutLease(),
          n -> new Effect.Generate(worker.id, n, group.id, group.attempt, version, hash));
    }
    group.stage(Stage.SCORING);
    BlobRef images = group.generation().orElseThrow().images();
    return books.crew.order(
        worker,
        books.now,
        limits.rewardLease(),
        n -> new Effect.Score(worker.id, n, group.id, group.attempt, images, version, hash));
  }
}
