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
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Gives work to idle workers, oldest group first. A worker that does not hold the version that the
 * group needs is told to load it first; one without work loads the version it will need next.
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
    List<Worker> idle = books.crew.idle(role);
    if (idle.isEmpty()) {
      return;
    }
    List<String> able = books.nodes.able(role);
    long upcoming = upcoming(role);
    for (Worker worker : idle) {
      Optional<Group> waiting = firstWaiting(role, group -> !group.avoids(worker.id, able));
      long wanted = books.freeRunning() ? upcoming : wanted(role, waiting, upcoming);
      if (books.versions(role.weights()).exists(wanted) && worker.version() != wanted) {
        books.emit(load(worker, wanted));
        continue;
      }
      waiting
          .filter(g -> worker.version() == wanted && !books.paused && fresh(worker, g))
          .filter(g -> role == Role.REWARD || books.storage.admits(worker.id.node(), g))
          .ifPresent(g -> books.emit(lease(worker, g)));
    }
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
        : wanted(role, firstWaiting(role, group -> true), upcoming);
  }

  private long wanted(Role role, Optional<Group> group, long upcoming) {
    return group.map(g -> needed(role, g.id.step())).orElse(upcoming);
  }

  /** The oldest group that is queued for this role. */
  private Optional<Group> firstWaiting(Role role, Predicate<Group> suits) {
    for (Group group : groups.at(role == Role.ROLLOUT ? Stage.ADMITTED : Stage.GENERATED)) {
      boolean within = books.freeRunning() || group.id.step() < last;
      if (within && group.notBefore <= books.now && suits.test(group)) {
        return Optional.of(group);
      }
    }
    return Optional.empty();
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
