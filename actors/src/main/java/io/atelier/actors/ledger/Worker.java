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

  /** The last order it was given. */
  long order;

  /** When that was, and its deadline. */
  long since;

  long deadline;

  /** How often it was asked since it fell silent. */
  int asked;

  /** The version it holds, or is loading. */
  long version = NOTHING;

  /** Tensors that its last load changed. */
  int changed;

  String reason = "";
  private Group group;

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
    state = State.IDLE;
  }

  void gone(String why) {
    group = null;
    state = State.GONE;
    reason = why;
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
