package io.atelier.actors.ledger;

import io.atelier.actors.ledger.Group.Stage;
import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The open groups of a run in the order of their names, and where the others went. */
final class Groups {
  private final Schedule schedule;
  private final int groupsPerStep;
  private final TreeMap<GroupId, Group> open = new TreeMap<>();
  private long nextIndex;
  private long admitted;
  private long trained;
  private long dropped;
  private long regenerated;
  private long released;
  private long discarded;

  Groups(Schedule schedule, int groupsPerStep) {
    this.schedule = schedule;
    this.groupsPerStep = groupsPerStep;
  }

  void restore(LedgerSnapshot snapshot) {
    nextIndex = snapshot.nextIndex();
    admitted = snapshot.counts().admitted();
    trained = snapshot.counts().trained();
    dropped = snapshot.counts().dropped();
    regenerated = snapshot.counts().regenerated();
    released = snapshot.counts().released();
    discarded = snapshot.counts().discarded();
    snapshot.open().forEach(g -> open.put(g.id(), new Group(g.id(), g.attempt(), g.flats())));
    if (!counts().balanced()) {
      throw new IllegalArgumentException(
          "the checkpoint's ledger does not balance: %s with %d open groups"
              .formatted(snapshot.counts(), open.size()));
    }
  }

  /** Number of groups ever admitted. */
  long nextIndex() {
    return nextIndex;
  }

  /** The step that the next group to be admitted is for. */
  int nextStep() {
    return (int) (nextIndex / groupsPerStep);
  }

  Group admit() {
    GroupId id = new GroupId(nextStep(), (int) (nextIndex++ % groupsPerStep));
    Group group = new Group(id, 0, 0);
    open.put(id, group);
    admitted++;
    return group;
  }

  /** Whether a group was put off until a time in {@code (after, now]}. */
  boolean wake(long after, long now) {
    return open().stream().anyMatch(group -> group.notBefore > after && group.notBefore <= now);
  }

  Collection<Group> open() {
    return open.values();
  }

  /**
   * The groups that a step takes, once all of them are landed: those named for it, or, when
   * free-running, the oldest that are complete.
   */
  Optional<List<Group>> complete(int step) {
    Collection<Group> candidates =
        freeRunning()
            ? open.values()
            : open.subMap(new GroupId(step, 0), new GroupId(step + 1, 0)).values();
    List<Group> landed =
        candidates.stream().filter(g -> g.stage == Stage.LANDED).limit(groupsPerStep).toList();
    return landed.size() == groupsPerStep ? Optional.of(landed) : Optional.empty();
  }

  /**
   * The step that will train a group, as far as can be known: {@code next} is the next to start.
   */
  int expectedStep(Group group, int next) {
    if (!freeRunning()) {
      return group.id.step();
    }
    long ahead =
        open.headMap(group.id).values().stream().filter(g -> g.stage != Stage.TRAINING).count();
    return next + (int) (ahead / groupsPerStep);
  }

  void trained(Group group) {
    open.remove(group.id);
    trained++;
  }

  /** Drops a group for good. */
  void drop(Group group) {
    open.remove(group.id);
    dropped++;
  }

  /** Drops an attempt and admits the next one; returns the blobs to be released. */
  List<BlobRef> replace(Group group) {
    dropped++;
    admitted++;
    group.attempt++;
    group.forgive();
    return group.restart();
  }

  void countRegenerated() {
    regenerated++;
  }

  void countReleased() {
    released++;
  }

  void countDiscarded() {
    discarded++;
  }

  Optional<Group> find(GroupId id) {
    return Optional.ofNullable(open.get(id));
  }

  boolean holds(BlobRef blob) {
    return open.values().stream().anyMatch(g -> g.blobs().contains(blob));
  }

  Counts counts() {
    return new Counts(admitted, trained, dropped, open.size(), regenerated, released, discarded);
  }

  List<LedgerSnapshot.OpenGroup> snapshot() {
    List<LedgerSnapshot.OpenGroup> groups = new ArrayList<>();
    open.values().forEach(g -> groups.add(new LedgerSnapshot.OpenGroup(g.id, g.attempt, g.flats)));
    return groups;
  }

  private boolean freeRunning() {
    return schedule.mode() == Schedule.Mode.FREE_RUNNING;
  }
}
