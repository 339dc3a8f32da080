package io.atelier.actors.ledger.state;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.model.WorkerId;
import java.util.Optional;

/** What the ledger knows of one worker. */
public final class Worker {

  /** States of a worker. */
  public enum State {
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

  public final WorkerId id;
  private final Crew crew;
  private State state = State.IDLE;

  /** Its place among all workers, by when it first came. */
  long place;

  /** The last order it was given, and its number. */
  public Effect.Order lastOrder;

  public long order;

  /** When that was, or when it was gone; and its deadline. */
  public long since;

  public long deadline;

  /** How often it was asked since it fell silent. */
  public int asked;

  private long version = NOTHING;

  /** Tensors that its last load changed. */
  public int changed;

  /** Times that a version did not arrive, since the last one that did. */
  public int notLoaded;

  /** Why the last of them did not. */
  public String notLoadedFor = "";

  /** Heartbeats in a row that contradict what is known of it. */
  public int contradictions;

  /** Whether another incarnation is to take its place. */
  public boolean replaced;

  public String reason = "";
  private Group group;

  /** What it still works on though its lease has expired; see {@link Overdue}. */
  private Overdue overdue;

  Worker(WorkerId id, Crew crew) {
    this.id = id;
    this.crew = crew;
  }

  public State state() {
    return state;
  }

  /** The version it holds, or is loading. */
  public long version() {
    return version;
  }

  public boolean present() {
    return state != State.GONE;
  }

  public boolean busy() {
    return state == State.LOADING || state == State.LEASED;
  }

  /** Whether an answer to order {@code number} is the one awaited. */
  public boolean awaits(long number) {
    return number == order && busy();
  }

  private void to(State next, Group leased, Overdue late) {
    crew.leaves(this);
    if (group != null) {
      group.holder = null;
    }
    if (leased != null) {
      leased.holder = this;
    }
    state = next;
    group = leased;
    overdue = late;
    crew.enters(this);
  }

  public void load(long next) {
    to(State.LOADING, null, null);
    crew.leaves(this);
    version = next;
    crew.enters(this);
  }

  /** What it was loading, it does not hold. */
  public void notLoaded() {
    crew.leaves(this);
    version = NOTHING;
    crew.enters(this);
  }

  public void lease(Group leased) {
    to(State.LEASED, leased, null);
  }

  public void idle() {
    to(State.IDLE, null, null);
  }

  /** Its lease has expired; what it is at may still be of use. */
  public void silent(Optional<Overdue> late) {
    to(State.SILENT, null, late.orElse(null));
  }

  public void gone(String why, long now) {
    to(State.GONE, null, null);
    since = now;
    reason = why;
  }

  /** That it loads a version, and why it does so again. */
  public String loads() {
    return "loads version %d%s"
        .formatted(
            version,
            notLoaded == 0
                ? ""
                : ", which did not arrive %d times: %s".formatted(notLoaded, notLoadedFor));
  }

  /** What its result would be of, if it came late. */
  public Optional<Overdue> overdue() {
    return Optional.ofNullable(overdue);
  }

  /** The group it has leased, unless the lease was revoked. */
  public Optional<Group> group() {
    return Optional.ofNullable(group);
  }

  /** Its lease is revoked; its result will be discarded. */
  public void forgetGroup() {
    if (group != null) {
      group.holder = null;
    }
    group = null;
  }
}
