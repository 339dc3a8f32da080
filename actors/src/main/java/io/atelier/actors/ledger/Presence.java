package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.ledger.state.Worker;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares what the heartbeats of a node say of its workers with what the ledger knows of them. By
 * this workers join, and whatever was said once and lost is said again: an order, its answer, that
 * a worker is to be replaced, that a node is to join anew.
 */
final class Presence {

  /** Heartbeats in a row after which a contradiction is no message that is still on its way. */
  private static final int PATIENCE = 3;

  /** Share of the time in which a silent node is lost that a message may take. */
  private static final int ON_ITS_WAY = 2;

  private final Books books;
  private final Staff staff;

  Presence(Books books, Staff staff) {
    this.books = books;
    this.staff = staff;
  }

  /** Returns whether workers have come or gone by it; most heartbeats only agree. */
  boolean onNodeBeat(Event.NodeBeat beat) {
    String node = beat.node();
    Optional<Effect.SetAside> told = books.nodes.told(node);
    if (told.isPresent()) { // the message was lost
      books.emit(told.get());
      return false;
    }
    return switch (books.nodes.beat(node, beat.number(), books.now)) {
      case BACK -> {
        books.report("node %s is back".formatted(node));
        books.emit(new Effect.Rejoin(node));
        yield false;
      }
      case PRESENT -> {
        boolean changed = reconcile(node, beat.workers());
        beat.left().stream().filter(b -> !books.groups.holds(b)).forEach(books::release);
        yield changed;
      }
      case STALE -> false;
    };
  }

  private boolean reconcile(String node, List<WorkerState> workers) {
    boolean changed = false;
    for (WorkerState worker : workers) {
      changed |= heard(worker);
    }
    List<Worker> known = books.crew.on(node);
    if (known.size() > workers.size()) { // each of the heartbeat is known now
      Set<WorkerId> there = new HashSet<>();
      workers.forEach(worker -> there.add(worker.id()));
      known.stream()
          .filter(worker -> !there.contains(worker.id))
          .forEach(worker -> staff.onLost(worker.id, Optional.empty()));
      changed = true;
    }
    return changed;
  }

  private boolean heard(WorkerState state) {
    Optional<Effect.SetAside> aside = books.nodes.setAside(state.id());
    if (aside.isPresent()) {
      books.emit(aside.get());
      return false;
    }
    Optional<Worker> known = books.crew.known(state.id());
    if (known.isEmpty()) {
      staff.onJoined(state.id());
      return true;
    }
    if (known.get().id.equals(state.id())) { // else a later incarnation has joined
      compare(known.get(), state);
    }
    return false;
  }

  private void compare(Worker worker, WorkerState state) {
    // heartbeats that were not read during a pause of the conductor are older than its last order
    long age = books.now - worker.since;
    if (agrees(worker, state)
        || age < books.config.limits().nodeSilence().toMillis() / ON_ITS_WAY) {
      worker.contradictions = 0;
    } else if (++worker.contradictions >= PATIENCE) {
      worker.contradictions = 0;
      again(worker);
    }
  }

  private static boolean agrees(Worker worker, WorkerState state) {
    return worker.present() && (!worker.busy() || state.working() || state.order() > worker.order);
  }

  private void again(Worker worker) {
    if (worker.present()) {
      boolean vain = worker.state() == Worker.State.LEASED && worker.group().isEmpty();
      books.emit(vain ? new Effect.Revoke(worker.id, worker.order) : worker.lastOrder);
    } else if (worker.replaced) {
      books.emit(new Effect.Replace(worker.id, worker.reason));
    } else {
      books.emit(new Effect.Rejoin(worker.id.node()));
    }
  }
}
