package io.atelier.actors.ledger;

import java.util.Optional;

/** What the ledger knows of one worker. */
final class Worker {

  /** States of a worker. */
  enum State {
    /** Free for work. */
    IDLE,
    /** Loading a version. */
    LOADING,
    /** Working on a group. */
    LEASED,
    /** Its lease expired without an answer since; gets no work. */
    SILENT,
    /** Given up, for the reason given; gets no work until its next incarnation joins. */
    GONE
  }

  /** The version of a worker that holds none. */
  static final long NOTHING = -1;

  final WorkerId id;
  State state = State.IDLE;

  /** The last order it was given, and its number. */
  Effect.Order lastOrder;

  long order;

  /** When that was, or when it was gone; and its deadline. */
  long since;

  long deadline;

  /** How often it was asked since it fell silent. */
  int asked;

  /** The version it holds, or is loading. */
  long version = NOTHING;

  /** Tensors that its last load changed. */
  int changed;

  /** Times that a version did not arrive, since the last one that did. */
  int notLoaded;

  /** Heartbeats in a row that contradict what is known of it. */
  int contradictions;

  /** Whether another incarnation is to take its place. */
  boolean replaced;

  String reason = "";
  private Group group;

  /** What it still works on though its lease has expired; see {@link Overdue}. */
  private Overdue overdue;

  Worker(WorkerId id) {
    this.id = id;
  }

  boolean present() {
    return state != State.GONE;
  }

  boolean busy() {
    return state == State.LOADING || state == State.LEASED;
  }

  /** Whether an answer to order {@code number} is the one awaited. */
  boolean awaits(long number) {
    return number == order && busy();
  }

  void lease(Group leased) {
    group = leased;
    state = State.LEASED;
  }

  void idle() {
    group = null;
    overdue = null;
    state = State.IDLE;
  }

  /** Its lease has expired; what it is at may still be of use. */
  void silent(Optional<Overdue> late) {
    group = null;
    overdue = late.orElse(null);
    state = State.SILENT;
  }

  void gone(String why, long now) {
    since = now;
    group = null;
    overdue = null;
    state = State.GONE;
    reason = why;
  }

  /** What its result would be of, if it came late. */
  Optional<Overdue> overdue() {
    return Optional.ofNullable(overdue);
  }

  /** The group it has leased, unless the lease was revoked. */
  Optional<Group> group() {
    return Optional.ofNullable(group);
  }

  /** Its lease is revoked; its result will be discarded. */
  void forgetGroup() {
    group = null;
  }
}
