package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Generation;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.ledger.model.TrainingGroup;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.rollout.GroupId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** An open group: its stage, and what was made of it so far. */
public final class Group {

  /** Stages of a group, in order. */
  public enum Stage {
    ADMITTED,
    GENERATING,
    GENERATED,
    SCORING,
    SCORED,
    LANDED,
    TRAINING
  }

  public final GroupId id;
  public int attempt;

  /** Times that it was replaced since all its images had one reward. */
  public int flats;

  private Stage stage = Stage.ADMITTED;
  private final Groups groups;

  /** Set by the worker. */
  Worker holder;

  public int leases;

  /** Times that scoring was put off, and when it may be tried again. */
  public int retries;

  public long notBefore = Long.MIN_VALUE;

  /** Weights by which nodes are compared: one failure counts more than any number of misses. */
  private static final int FAILED = 1_000;

  private static final int MISSED = 1;

  /** By role and node, the weighted failures since the role's last success. */
  private final Map<Role, Map<String, Integer>> failures = new EnumMap<>(Role.class);

  /** Nodes where it failed in the present stage, how often, and how the first of them failed. */
  private final Set<String> erring = new TreeSet<>();

  private int errors;

  private String firstError = "";

  /** How often in a row what training needs of it was lost. */
  private int misses;

  /** When that was the first time. */
  private long missedSince;

  /** The order that scored it. */
  private long scoredBy;

  private Generation generation;
  private Scoring scoring;

  Group(GroupId id, int attempt, int flats, Groups groups) {
    this.groups = groups;
    this.id = id;
    this.attempt = attempt;
    this.flats = flats;
  }

  public void generated(Generation result) {
    made(result, scoring);
    groups.place(this, result.worker().node());
    at(Role.ROLLOUT).clear();
    advance(Stage.GENERATED);
  }

  public void scored(Scoring result, long order) {
    made(generation, result);
    scoredBy = order;
    at(Role.REWARD).clear();
    advance(Stage.SCORED);
  }

  private void made(Generation generated, Scoring scored) {
    groups.lets(this);
    generation = generated;
    scoring = scored;
    groups.keeps(this);
  }

  /** Whether it waits for what an order scored to be landed. */
  public boolean awaitsLanding(long order) {
    return stage == Stage.SCORED && scoredBy == order;
  }

  /** What training needs of it was copied to these references. */
  public void landed(BlobRef trajectory, Optional<BlobRef> features) {
    made(generation.at(trajectory), scoring.at(features));
    misses = 0;
    advance(Stage.LANDED);
  }

  /** The node where it is generated; empty before it is, and once it is trained. */
  String place = "";

  /** Whether it waits for others, and nobody works on it. */
  public boolean waits() {
    return stage == Stage.GENERATED || stage == Stage.SCORED || stage == Stage.LANDED;
  }

  /** Who has leased it. */
  public Optional<Worker> holder() {
    return Optional.ofNullable(holder);
  }

  public Stage stage() {
    return stage;
  }

  public void stage(Stage next) {
    groups.moves(this, stage, next);
    stage = next;
  }

  private void advance(Stage next) {
    stage(next);
    errors = 0;
    erring.clear();
    firstError = "";
  }

  /**
   * A computation failed.
   *
   * @param speaks whether that speaks against the group
   */
  public void failedAt(WorkerId worker, String error, boolean speaks) {
    weigh(worker, FAILED);
    erring.add(worker.node());
    if (speaks && errors++ == 0) {
      firstError = error;
    }
  }

  /** What it needs did not reach a node, and may reach another one. */
  public void missedAt(WorkerId worker) {
    weigh(worker, MISSED);
  }

  /**
   * What was made of it did not reach who needed it, for which its makers may be to blame.
   *
   * @return how often that was so in a row
   */
  public int missed(long now) {
    generation().ifPresent(g -> missedAt(g.worker()));
    scoring().ifPresent(s -> missedAt(s.worker()));
    if (misses++ == 0) {
      missedSince = now;
    }
    return misses;
  }

  /** For how long what was made of it did not arrive. */
  public long missedFor(long now) {
    return now - missedSince;
  }

  private void weigh(WorkerId worker, int weight) {
    at(worker.role()).merge(worker.node(), weight, Integer::sum);
  }

  private Map<String, Integer> at(Role role) {
    return failures.computeIfAbsent(role, r -> new TreeMap<>());
  }

  /**
   * How the group failed, if that is its own fault: twice, for one failure may be a worker's, and
   * at two nodes, for both may be a node's.
   *
   * @param nodes where it could be tried; one is enough if there is no other
   */
  public Optional<String> fault(List<String> nodes) {
    return errors < 2 || erring.size() < 2 && !erring.containsAll(nodes)
        ? Optional.empty()
        : Optional.of("group %s failed %d times, first on %s".formatted(id, errors, firstError));
  }

  /** Whether it failed more at a node than at another that could take it. */
  public boolean avoids(WorkerId worker, Supplier<List<String>> able) {
    Map<String, Integer> failed = at(worker.role());
    int here = failed.getOrDefault(worker.node(), 0);
    return here > 0 && able.get().stream().anyMatch(other -> failed.getOrDefault(other, 0) < here);
  }

  /** Forgets the failures, so that it may go to any node again. */
  public void forgive() {
    failures.clear();
  }

  /** Its lease ended without a result. */
  public void takenBack() {
    stage(stage == Stage.GENERATING ? Stage.ADMITTED : Stage.GENERATED);
  }

  /** Drops its scores but keeps its images; returns the blobs to be released. */
  public List<BlobRef> rescore() {
    List<BlobRef> blobs = scoring().map(Scoring::blobs).orElse(List.of());
    made(generation, null);
    advance(Stage.GENERATED);
    return blobs;
  }

  /** Goes back to the first stage; returns the blobs to be released. */
  public List<BlobRef> restart() {
    List<BlobRef> blobs = blobs();
    made(null, null);
    retries = 0;
    notBefore = Long.MIN_VALUE;
    advance(Stage.ADMITTED);
    return blobs;
  }

  public List<BlobRef> blobs() {
    return Stream.concat(needed().stream(), scoring().flatMap(Scoring::pictures).stream()).toList();
  }

  /** Blobs that it cannot be trained without. */
  public List<BlobRef> needed() {
    return Stream.concat(
            generation().stream().flatMap(g -> Stream.of(g.images(), g.trajectory())),
            scoring().flatMap(Scoring::features).stream())
        .toList();
  }

  public Optional<Generation> generation() {
    return Optional.ofNullable(generation);
  }

  public Optional<Scoring> scoring() {
    return Optional.ofNullable(scoring);
  }

  public TrainingGroup complete() {
    return new TrainingGroup(
        id, attempt, flats, leases, generation().orElseThrow(), scoring().orElseThrow());
  }
}
