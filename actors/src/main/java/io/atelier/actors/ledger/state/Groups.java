package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.journal.LedgerSnapshot;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The open groups of a run in the order of their names, and where the others went. */
public final class Groups {
  private final Schedule schedule;
  private final int groupsPerStep;
  private final TreeMap<GroupId, Group> open = new TreeMap<>();
  private final Map<Stage, TreeMap<GroupId, Group>> stages = new EnumMap<>(Stage.class);
  private final Map<String, TreeMap<GroupId, Group>> places = new HashMap<>();

  /** The blobs of all open groups. */
  private final Set<BlobRef> held = new HashSet<>();

  private long nextIndex;
  private long admitted;
  private long trained;
  private long dropped;
  private long regenerated;
  private long released;
  private long discarded;

  public Groups(Schedule schedule, int groupsPerStep) {
    this.schedule = schedule;
    this.groupsPerStep = groupsPerStep;
    for (Stage stage : Stage.values()) {
      stages.put(stage, new TreeMap<>());
    }
  }

  public void restore(LedgerSnapshot snapshot) {
    nextIndex = snapshot.nextIndex();
    admitted = snapshot.counts().admitted();
    trained = snapshot.counts().trained();
    dropped = snapshot.counts().dropped();
    regenerated = snapshot.counts().regenerated();
    released = snapshot.counts().released();
    discarded = snapshot.counts().discarded();
    snapshot.open().forEach(g -> open(new Group(g.id(), g.attempt(), g.flats(), this)));
    if (!counts().balanced()) {
      throw new IllegalArgumentException(
          "the checkpoint's ledger does not balance: %s with %d open groups"
              .formatted(snapshot.counts(), open.size()));
    }
  }

  /** Number of groups ever admitted. */
  public long nextIndex() {
    return nextIndex;
  }

  /** The step that the next group to be admitted is for. */
  public int nextStep() {
    return (int) (nextIndex / groupsPerStep);
  }

  public Group admit() {
    GroupId id = new GroupId(nextStep(), (int) (nextIndex++ % groupsPerStep));
    Group group = new Group(id, 0, 0, this);
    open(group);
    admitted++;
    return group;
  }

  private void open(Group group) {
    open.put(group.id, group);
    stages.get(group.stage()).put(group.id, group);
  }

  private void close(Group group) {
    lets(group);
    open.remove(group.id);
    stages.get(group.stage()).remove(group.id);
    place(group, "");
  }

  /** A node is not known any more. */
  public void forget(String node) {
    places.remove(node);
  }

  /** A group changes its stage. */
  void moves(Group group, Stage from, Stage to) {
    if (open.get(group.id) == group) {
      stages.get(from).remove(group.id);
      stages.get(to).put(group.id, group);
    }
    if (to == Stage.GENERATING) {
      place(group, group.holder().orElseThrow().id.node());
    } else if (to == Stage.ADMITTED || to == Stage.TRAINING) {
      place(group, "");
    }
  }

  /** A group is generated at a node; empty for nowhere. */
  void place(Group group, String node) {
    if (!group.place.isEmpty()) {
      places.get(group.place).remove(group.id);
    }
    group.place = node;
    if (!node.isEmpty()) {
      places.computeIfAbsent(node, name -> new TreeMap<>()).put(group.id, group);
    }
  }

  /** The nodes where groups have or had places. */
  public List<String> placeNodes() {
    return List.copyOf(places.keySet());
  }

  /** The groups that have a place at a node. */
  public Collection<Group> placed(String node) {
    return places.containsKey(node) ? places.get(node).values() : List.of();
  }

  /** The open groups of a stage. */
  public Collection<Group> at(Stage stage) {
    return stages.get(stage).values();
  }

  /** The open groups of a stage that are named after one. */
  public Collection<Group> after(Stage stage, Group group) {
    return stages.get(stage).tailMap(group.id, false).values();
  }

  /** Whether a group was put off until a time in {@code (after, now]}. */
  public boolean wake(long after, long now) {
    return Stream.of(Stage.ADMITTED, Stage.GENERATED)
        .flatMap(stage -> at(stage).stream())
        .anyMatch(group -> group.notBefore > after && group.notBefore <= now);
  }

  public Collection<Group> open() {
    return open.values();
  }

  /** The step of the oldest group that nobody scores yet, or of the next to be admitted. */
  public int oldestUnscored() {
    int oldest = nextStep();
    for (Stage stage : List.of(Stage.ADMITTED, Stage.GENERATING, Stage.GENERATED)) {
      TreeMap<GroupId, Group> there = stages.get(stage);
      if (!there.isEmpty()) {
        oldest = Math.min(oldest, there.firstKey().step());
      }
    }
    return oldest;
  }

  /**
   * The groups that a step takes, once all of them are landed: those named for it, or, when
   * free-running, the oldest that are complete.
   */
  public Optional<List<Group>> complete(int step) {
    TreeMap<GroupId, Group> landed = stages.get(Stage.LANDED);
    if (landed.size() < groupsPerStep) {
      return Optional.empty();
    }
    Collection<Group> candidates =
        freeRunning()
            ? landed.values()
            : landed.subMap(new GroupId(step, 0), new GroupId(step + 1, 0)).values();
    List<Group> taken = candidates.stream().limit(groupsPerStep).toList();
    return taken.size() == groupsPerStep ? Optional.of(taken) : Optional.empty();
  }

  /**
   * The step that will train a group, as far as can be known: {@code next} is the next to start.
   */
  public int expectedStep(Group group, int next) {
    if (!freeRunning()) {
      return group.id.step();
    }
    long ahead =
        open.headMap(group.id).values().stream().filter(g -> g.stage() != Stage.TRAINING).count();
    return next + (int) (ahead / groupsPerStep);
  }

  public void trained(Group group) {
    close(group);
    trained++;
  }

  /** Drops a group for good. */
  public void drop(Group group) {
    close(group);
    dropped++;
  }

  /** Drops an attempt and admits the next one; returns the blobs to be released. */
  public List<BlobRef> replace(Group group) {
    dropped++;
    admitted++;
    group.attempt++;
    group.forgive();
    return group.restart();
  }

  public void countRegenerated() {
    regenerated++;
  }

  public void countReleased() {
    released++;
  }

  public void countDiscarded() {
    discarded++;
  }

  public Optional<Group> find(GroupId id) {
    return Optional.ofNullable(open.get(id));
  }

  public boolean holds(BlobRef blob) {
    return held.contains(blob);
  }

  /** What was made of a group is about to change. */
  void lets(Group group) {
    group.blobs().forEach(held::remove);
  }

  /** What was made of a group has changed. */
  void keeps(Group group) {
    if (open.get(group.id) == group) {
      held.addAll(group.blobs());
    }
  }

  public Counts counts() {
    return new Counts(admitted, trained, dropped, open.size(), regenerated, released, discarded);
  }

  public List<LedgerSnapshot.OpenGroup> snapshot() {
    List<LedgerSnapshot.OpenGroup> groups = new ArrayList<>();
    open.values().forEach(g -> groups.add(new LedgerSnapshot.OpenGroup(g.id, g.attempt, g.flats)));
    return groups;
  }

  private boolean freeRunning() {
    return schedule.mode() == Schedule.Mode.FREE_RUNNING;
  }
}
