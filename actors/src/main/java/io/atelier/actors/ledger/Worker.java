package io.atelier.actors.ledger;

import java.util.Optional;

/** What the ledger knows of one worker. */
final class Worker {

  /** What a worker is at. */
  enum State {
    /** Free for work. */
    IDLE,
    /** Loading a version. */
    LOADING,
    /** Working on a group. */
    LEASED,
    /** Ran out of time and has not answered since; gets no work. */
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

  /** When that was, and until when it may take, or be silent. */
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

  /** Whether what answers {@code number} is the answer that is waited for. */
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

  /** The group it works on, unless that was taken from it. */
  Optional<Group> group() {
    return Optional.ofNullable(group);
  }

  /** Its group is no longer its own; what it makes of it will be thrown away. */
  void forgetGroup() {
    group = null;
  }
}
