package io.atelier.actors.ledger;

import io.atelier.actors.transport.BlobRef;
import io.atelier.rollout.GroupId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An open group: how far it has come, and what there is of it. */
final class Group {

  /** How far a group has come. */
  enum Stage {
    ADMITTED,
    GENERATING,
    GENERATED,
    SCORING,
    SCORED,
    LANDED,
    TRAINING
  }

  final GroupId id;
  int attempt;
  Stage stage = Stage.ADMITTED;
  int leases;

  /** Times that scoring was put off, and when it may be tried again. */
  int retries;

  long notBefore = Long.MIN_VALUE;

  /** Computations that failed in the present stage, by node. */
  private final Map<String, Integer> failures = new TreeMap<>();

  /** Those of them that speak against the group, and how the first of them failed. */
  private int errors;

  private String firstError = "";

  /** Times that what training needs of it was gone. */
  int misses;

  /** The order that scored it. */
  private long scoredBy;

  private Generation generation;
  private Scoring scoring;

  Group(GroupId id, int attempt) {
    this.id = id;
    this.attempt = attempt;
  }

  void generated(Generation result) {
    generation = result;
    advance(Stage.GENERATED);
  }

  void scored(Scoring result, long order) {
    scoring = result;
    scoredBy = order;
    advance(Stage.SCORED);
  }

  /** Whether it waits for what an order scored to be landed. */
  boolean awaitsLanding(long order) {
    return stage == Stage.SCORED && scoredBy == order;
  }

  /** What training needs of it lies elsewhere now. */
  void landed(BlobRef trajectory, Optional<BlobRef> features) {
    generation = generation.at(trajectory);
    scoring = scoring.at(features);
    misses = 0;
    advance(Stage.LANDED);
  }

  private void advance(Stage next) {
    stage = next;
    failures.clear();
    errors = 0;
    firstError = "";
  }

  /**
   * A computation failed at a node.
   *
   * @param speaks whether that speaks against the group
   */
  void failedAt(String node, String error, boolean speaks) {
    failures.merge(node, 1, Integer::sum);
    if (speaks && errors++ == 0) {
      firstError = error;
    }
  }

  /**
   * How the group failed, if that is its own fault: of two failures one may be a worker's. The
   * second was at another node, where there is one.
   */
  Optional<String> fault() {
    return errors < 2
        ? Optional.empty()
        : Optional.of("group %s failed %d times, first on %s".formatted(id, errors, firstError));
  }

  /** Whether it failed at a node more often than at another that could take it. */
  boolean avoids(String node, Collection<String> able) {
    int here = failures.getOrDefault(node, 0);
    return here > 0 && able.stream().anyMatch(other -> failures.getOrDefault(other, 0) < here);
  }

  /** May go to any node again. */
  void forgive() {
    failures.clear();
  }

  /** The worker that had it is gone, or out of time. */
  void takenBack() {
    stage = stage == Stage.GENERATING ? Stage.ADMITTED : Stage.GENERATED;
  }

  /** Forgets its scores, but not its images; returns what nobody needs any more. */
  List<BlobRef> rescore() {
    List<BlobRef> blobs = scoring().flatMap(Scoring::features).stream().toList();
    scoring = null;
    advance(Stage.GENERATED);
    return blobs;
  }

  /** Goes back to the start; returns what nobody needs any more. */
  List<BlobRef> restart() {
    List<BlobRef> blobs = blobs();
    generation = null;
    scoring = null;
    retries = 0;
    notBefore = Long.MIN_VALUE;
    advance(Stage.ADMITTED);
    return blobs;
  }

  List<BlobRef> blobs() {
    return Stream.concat(
            generation().stream().flatMap(g -> Stream.of(g.images(), g.trajectory())),
            scoring().flatMap(Scoring::features).stream())
        .toList();
  }

  Optional<Generation> generation() {
    return Optional.ofNullable(generation);
  }

  Optional<Scoring> scoring() {
    return Optional.ofNullable(scoring);
  }

  TrainingGroup complete() {
    return new TrainingGroup(
        id, attempt, leases, generation().orElseThrow(), scoring().orElseThrow());
  }
}
