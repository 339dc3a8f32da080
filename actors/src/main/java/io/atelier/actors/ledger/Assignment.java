package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Group.Stage;
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
    for (Worker worker : books.crew.idle(role)) {
      Optional<Group> group =
          books.freeRunning() ? Optional.empty() : firstWaiting(role, takenBy(worker));
      long wanted = wanted(role, group);
      Versions stream = books.versions(role.weights());
      if (stream.exists(wanted) && worker.version != wanted) {
        books.emit(load(worker, wanted));
        continue;
      }
      if (books.freeRunning()) {
        group =
            firstWaiting(role, takenBy(worker))
                .filter(g -> worker.version >= needed(role, groups.expectedStep(g, nextStep)));
      }
      group
          .filter(g -> worker.version == wanted && !books.paused)
          .ifPresent(g -> books.emit(lease(worker, g)));
    }
  }

  /** The version that an idle worker should hold, whether it exists yet or not. */
  long wanted(Role role) {
    return wanted(role, books.freeRunning() ? Optional.empty() : firstWaiting(role, group -> true));
  }

  private long wanted(Role role, Optional<Group> group) {
    return group.map(g -> needed(role, g.id.step())).orElseGet(() -> upcoming(role));
  }

  /** Groups that a worker may take: not those that failed on its node and could go to another. */
  private Predicate<Group> takenBy(Worker worker) {
    List<String> able = books.nodes.able(worker.id.role());
    return group -> !group.avoids(worker.id, able);
  }

  /** The oldest group that is queued for this role. */
  private Optional<Group> firstWaiting(Role role, Predicate<Group> suits) {
    Stage stage = role == Role.ROLLOUT ? Stage.ADMITTED : Stage.GENERATED;
    return groups.open().stream()
        .filter(g -> g.stage == stage && g.notBefore <= books.now && suits.test(g))
        .filter(g -> books.freeRunning() || g.id.step() < last)
        .findFirst();
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
    int step =
        groups.open().stream()
            .filter(g -> role == Role.REWARD && g.stage.compareTo(Stage.SCORING) < 0)
            .map(g -> g.id.step())
            .findFirst()
            .orElseGet(groups::nextStep);
    return needed(role, step);
  }

  private Effect load(Worker worker, long version) {
    Weights weights = worker.id.role().weights();
    worker.version = version;
    worker.state = Worker.State.LOADING;
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
    long version = worker.version;
    String hash = books.versions(worker.id.role().weights()).hash(version);
    LedgerConfig.Limits limits = books.config.limits();
    if (worker.id.role() == Role.ROLLOUT) {
      group.stage = Stage.GENERATING;
      return books.crew.order(
          worker,
          books.now,
          limits.rolloutLease(),
          n -> new Effect.Generate(worker.id, n, group.id, group.attempt, version, hash));
    }
    group.stage = Stage.SCORING;
    BlobRef images = group.generation().orElseThrow().images();
    return books.crew.order(
        worker,
        books.now,
        limits.rewardLease(),
        n -> new Effect.Score(worker.id, n, group.id, group.attempt, images, version, hash));
  }
}
