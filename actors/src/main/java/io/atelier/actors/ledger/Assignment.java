package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Group.Stage;
import io.atelier.actors.ledger.Schedule.Mode;
import io.atelier.actors.transport.BlobRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives work to idle workers, oldest group first. A worker that does not hold the version that the
 * group needs is told to load it first; one without work loads the version it will need next.
 */
final class Assignment {
  private final LedgerConfig config;
  private final Schedule schedule;
  private final Groups groups;
  private final Crew crew;
  private final Map<Weights, Versions> versions;
  private final int next;
  private final int lastStep;
  private final long now;

  /**
   * @param next the next step that will start
   * @param lastStep steps after which the run ends
   */
  Assignment(
      LedgerConfig config,
      Groups groups,
      Crew crew,
      Map<Weights, Versions> versions,
      int next,
      int lastStep,
      long now) {
    this.config = config;
    this.schedule = config.schedule();
    this.groups = groups;
    this.crew = crew;
    this.versions = versions;
    this.next = next;
    this.lastStep = lastStep;
    this.now = now;
  }

  void assign(Role role, List<Effect> effects) {
    for (Worker worker : crew.idle(role)) {
      Optional<Group> group = freeRunning() ? Optional.empty() : firstWaiting(role);
      long wanted = group.map(g -> needed(role, g.id.step())).orElseGet(() -> upcoming(role));
      Versions stream = versions.get(role.weights());
      if (stream.exists(wanted) && worker.version != wanted) {
        effects.add(load(worker, wanted));
        continue;
      }
      if (freeRunning()) {
        group =
            firstWaiting(role)
                .filter(g -> worker.version >= needed(role, groups.expectedStep(g, next)));
      }
      group.filter(g -> worker.version == wanted).ifPresent(g -> effects.add(lease(worker, g)));
    }
  }

  /** The oldest group that waits for a worker of this role. */
  private Optional<Group> firstWaiting(Role role) {
    Stage stage = role == Role.ROLLOUT ? Stage.ADMITTED : Stage.GENERATED;
    return groups.open().stream()
        .filter(g -> g.stage == stage && g.notBefore <= now)
        .filter(g -> freeRunning() || g.id.step() < lastStep)
        .findFirst();
  }

  /** The oldest version that may be used for a step. */
  private long needed(Role role, int step) {
    if (role == Role.ROLLOUT) {
      return schedule.policyVersion(step);
    }
    return config.critic() ? schedule.criticVersion(step) : 0;
  }

  /** The version that an idle worker will need next, whether it exists yet or not. */
  private long upcoming(Role role) {
    if (freeRunning()) {
      return versions.get(role.weights()).newest();
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
    long order = crew.order(worker, now, config.limits().load());
    return new Effect.Load(worker.id, order, weights, version, versions.get(weights).hash(version));
  }

  private Effect lease(Worker worker, Group group) {
    group.leases++;
    worker.lease(group);
    String hash = versions.get(worker.id.role().weights()).hash(worker.version);
    if (worker.id.role() == Role.ROLLOUT) {
      group.stage = Stage.GENERATING;
      long order = crew.order(worker, now, config.limits().rolloutLease());
      return new Effect.Generate(worker.id, order, group.id, group.attempt, worker.version, hash);
    }
    group.stage = Stage.SCORING;
    long order = crew.order(worker, now, config.limits().rewardLease());
    BlobRef images = group.generation().orElseThrow().images();
    return new Effect.Score(
        worker.id, order, group.id, group.attempt, images, worker.version, hash);
  }

  private boolean freeRunning() {
    return schedule.mode() == Mode.FREE_RUNNING;
  }
}
