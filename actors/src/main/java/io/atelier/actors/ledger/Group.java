package io.atelier.actors.ledger;

import io.atelier.actors.transport.BlobRef;
import io.atelier.rollout.GroupId;
import java.util.List;
import java.util.Optional;
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

  /** Computations that failed in the present stage, and how the first of them did. */
  int errors;

  String firstError = "";

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
    errors = 0;
    firstError = "";
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
