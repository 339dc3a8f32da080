package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.event.EventHandler;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.Amendment;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.state.LedgerConfig;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  private final Books books;
  private final Steps steps;
  private final GroupEvents groups;
  private final EventHandler events;
  private final Optional<LedgerSnapshot> resumed;
  private Map<Integer, String> evaluated = Map.of();

  private Ledger(LedgerConfig config, int epoch, Optional<LedgerSnapshot> resumed) {
    this.books = new Books(config, epoch);
    this.steps = new Steps(books);
    Staff staff = new Staff(books, steps);
    this.groups = new GroupEvents(books, steps, staff);
    this.events = new LedgerEvents(books, steps, staff, groups, resumed);
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
   * Tells which evaluations exist, so that they are not made again. To be called before the first
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
    groups.replaceFlat(rule, most);
  }

  /**
   * Adds amendments of an earlier process. To be called before the first event.
   *
   * @param all in the order in which they were made
   */
  public void amended(List<Amendment> all) {
    steps.amendments().addAll(all);
  }

  /** Handles an event; returns the effects in order, none once the run is over. */
  public List<Effect> on(Event event) {
    if (!books.over()) {
      books.idle = false;
      event.handleBy(events);
      if (!books.idle) {
        advance();
      }
    }
    return books.takeEffects();
  }

  public Counts counts() {
    return books.groups.counts();
  }

  /** The status for users; changes nothing. */
  public LedgerStatus status() {
    return new Overview(books, steps).take();
  }

  /** Whether what an order scored is still to be landed. */
  public boolean awaitsLanding(GroupId id, long order) {
    return !books.over() && books.groups.find(id).filter(g -> g.awaitsLanding(order)).isPresent();
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
    return steps.newest();
  }

  /** Steps that the newest checkpoint holds, or 0. */
  public int checkpointed() {
    return steps.checkpointed();
  }

  /** Steps trained at the next step boundary; at this one if no step is in training. */
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

  // ---------------------------------------------------------------- what follows

  /** Starts everything that can be started now. */
  private void advance() {
    if (books.over() || !books.started && !start()) {
      return;
    }
    steps.admit();
    steps.checkpoint();
    steps.redoStale();
    books.storage.enforce(steps);
    if (books.over()) {
      return;
    }
    steps.train();
    books.evaluations.start();
    Assignment assignment = new Assignment(books, steps.next(), steps.last());
    assignment.assign(Role.ROLLOUT);
    assignment.assign(Role.REWARD);
    steps.retire();
    steps.finish();
  }

  /** Begins once the first versions are published. */
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
