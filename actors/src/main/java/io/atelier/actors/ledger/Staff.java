package io.atelier.actors.ledger;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.state.Group;
import io.atelier.actors.ledger.state.Group.Stage;
import io.atelier.actors.ledger.state.Lengths;
import io.atelier.actors.ledger.state.Overdue;
import io.atelier.actors.ledger.state.Repeats;
import io.atelier.actors.ledger.state.Watchdog;
import io.atelier.actors.ledger.state.Worker;
import io.atelier.actors.ledger.state.Worker.State;
import java.util.List;
import java.util.Optional;

/**
 * What happens to workers: they join, answer, run out of time, fall silent and die. A lease ends
 * once, with the answer to its number or with the worker.
 */
final class Staff {

  /** How often a worker that does not answer is asked before it is replaced. */
  private static final int ASKS = 4;

  private final Books books;
  private final Steps steps;
  private final Bereft bereft;

  Staff(Books books, Steps steps) {
    this.books = books;
    this.steps = steps;
    this.bereft = new Bereft(books, steps);
  }

  // ---------------------------------------------------------------- time

  void onTick() {
    for (Worker worker : books.crew.all()) {
      if (books.now >= worker.deadline) {
        if (worker.busy()) {
          expire(worker, "; raise limits.%s if it takes so long".formatted(limit(worker)));
        } else if (worker.state() == State.SILENT) {
          askAgain(worker);
        }
      }
    }
    for (String node : books.nodes.silence(books.now)) {
      String silence = Lengths.text(books.config.limits().nodeSilence());
      lose(node, "was not heard of for %s and is taken for lost".formatted(silence));
    }
    for (String node : books.nodes.forget(books.now - books.patience())) {
      books.crew.forget(node);
      books.storage.forget(node);
      books.groups.forget(node);
      books.emit(new Effect.Forget(node));
    }
    bereft.onTick();
    if (books.paused && steps.pending().isEmpty()) {
      books.progress(); // no progress is expected
    }
    books.watchdog.overdue(books.now).ifPresent(this::onStall);
  }

  /** Reports a stall and revokes all leases; if that was tried before, fails the run. */
  private void onStall(Watchdog.Stall stall) {
    String message =
        "no progress for %s: %s"
            .formatted(Lengths.text(stall.since()), new Waiting(books).describe(steps.pending()));
    if (stall.again()) {
      steps.fail(message);
    } else {
      books.report(message);
      books.crew.all().stream().filter(Worker::busy).toList().forEach(w -> expire(w, ""));
      books.groups.open().forEach(Group::forgive);
    }
  }

  /** The configuration key of a worker's lease time. */
  private static String limit(Worker worker) {
    return worker.group().isEmpty()
        ? "load"
        : worker.id.role() == Role.ROLLOUT ? "rollout-lease" : "reward-lease";
  }

  /** Revokes an expired lease, and asks the worker for a sign of life. */
  private void expire(Worker worker, String advice) {
    worker.reason =
        worker.group().map(g -> "group " + g.id).orElse("loading version " + worker.version());
    books.report(
        "%s had %d ms for %s and is not done; the work goes to another worker%s"
            .formatted(worker.id, books.now - worker.since, worker.reason, advice));
    worker.group().ifPresent(group -> group.missedAt(worker.id));
    Optional<Overdue> overdue = worker.group().map(Overdue::of);
    takeBack(worker);
    worker.silent(overdue);
    worker.asked = 0;
    askAgain(worker);
  }

  private void askAgain(Worker worker) {
    if (worker.asked++ == ASKS) {
      replace(worker, "has not answered since its time ran out on " + worker.reason);
      return;
    }
    worker.deadline = books.now + Math.max(1, books.config.limits().silence().toMillis() / ASKS);
    books.emit(new Effect.Revoke(worker.id, worker.order));
  }

  // ---------------------------------------------------------------- coming and going

  void onJoined(WorkerId id) {
    if (books.crew.known(id).isPresent() || books.nodes.setAside(id).isPresent()) {
      return;
    }
    books.crew.former(id).ifPresent(w -> onLost(w, Optional.empty()));
    books.crew.join(id);
  }

  /** One that failed before it could join is known by that. */
  void onLost(WorkerId id, Optional<String> error) {
    error.ifPresent(e -> onJoined(id));
    books.crew.find(id).ifPresent(w -> onLost(w, error));
  }

  private void onLost(Worker worker, Optional<String> error) {
    books.report("%s is gone%s".formatted(worker.id, error.map(e -> ": " + e).orElse("")));
    Optional<Group> group = worker.group();
    gone(worker, error.orElse("left"));
    error.ifPresent(e -> onFailed(worker.id, group, "%s: %s".formatted(worker.id, e)));
  }

  private void gone(Worker worker, String reason) {
    takeBack(worker);
    worker.gone(reason, books.now);
  }

  /** A computation failed, through the fault of the node or of the group. */
  private void onFailed(WorkerId worker, Optional<Group> group, String error) {
    boolean speaks = books.nodes.failed(worker, error);
    group.ifPresent(g -> g.failedAt(worker, error, speaks));
    Optional<String> faulty = books.nodes.faulty(worker);
    if (faulty.isPresent()) {
      setAside(worker.node(), worker.role(), faulty.get());
    } else {
      List<String> nodes = books.nodes.capable(worker.role(), books.now - books.patience());
      group.flatMap(g -> g.fault(nodes)).ifPresent(steps::fail);
    }
  }

  /** Sets a node aside for a role; one that has no other role leaves. */
  private void setAside(String node, Role role, String reason) {
    Effect.SetAside told = books.nodes.setAside(node, role, reason);
    books.report(
        "node %s gets no more %s work%s: %s"
            .formatted(node, role, told.leaves() ? " and leaves" : "", reason));
    books.emit(told);
    for (Worker worker : books.crew.on(node)) {
      if (worker.id.role() == role) {
        gone(worker, "set aside");
      }
    }
    if (told.leaves()) {
      lost(node);
    }
    bereft.by(role, reason);
  }

  void onNodeJoined(Event.NodeJoined joined) {
    books.storage.join(joined);
    books.nodes.join(joined.node(), joined.roles(), joined.watched(), books.now);
  }

  /** A node that has given up all its workers of a role no longer has the role. */
  void onGaveUp(Event.GaveUp gaveUp) {
    WorkerId worker = gaveUp.worker();
    books.report("%s is given up after %d failures".formatted(worker.name(), gaveUp.failures()));
    if (gaveUp.last() && books.nodes.able(worker.role()).contains(worker.node())) {
      String failed = "%s (%s failed %d times)";
      setAside(
          worker.node(),
          worker.role(),
          failed.formatted(gaveUp.reason(), worker.name(), gaveUp.failures()));
    }
  }

  void onNodeLost(String node) {
    if (books.nodes.present().contains(node)) {
      lose(node, "leaves");
    } else {
      lost(node); // it was said before
    }
  }

  /** One line for a node, however many workers it has. */
  private void lose(String node, String how) {
    int workers = books.crew.on(node).size();
    String with =
        workers == 0 ? "" : ", with %d worker%s".formatted(workers, workers == 1 ? "" : "s");
    books.report("node %s %s%s".formatted(node, how, with));
    lost(node);
  }

  private void lost(String node) {
    books.nodes.lose(node);
    books.crew.on(node).forEach(w -> gone(w, "left"));
    for (Group group : books.groups.open()) {
      boolean lost = group.needed().stream().anyMatch(b -> b.node().equals(node));
      // a landed group may still have images there, which only a free-running schedule needs
      boolean safe =
          group.stage() == Stage.TRAINING || group.stage() == Stage.LANDED && !books.freeRunning();
      if (lost && !safe) {
        group.holder().ifPresent(Worker::forgetGroup);
        group.restart().forEach(books::release);
        books.groups.countRegenerated();
      }
    }
  }

  private void replace(Worker worker, String reason) {
    gone(worker, reason);
    worker.replaced = true;
    books.report("%s gets no more work: it %s".formatted(worker.id, reason));
    books.emit(new Effect.Replace(worker.id, reason));
  }

  // ---------------------------------------------------------------- answers

  /** The worker, if this answers its last order; otherwise the answer is late or a duplicate. */
  private Optional<Worker> answer(WorkerId id, long order) {
    Optional<Worker> worker = books.crew.find(id);
    worker.filter(w -> w.state() == State.SILENT && w.order == order).ifPresent(Worker::idle);
    return worker.filter(w -> w.awaits(order));
  }

  /** A worker, and the group that it has a result of. */
  record Result(Worker worker, Group group) {}

  /**
   * The group that a result is of, if it is wanted: that of the worker's lease, which may have
   * expired. Otherwise the worker is only free, or gets no more work.
   *
   * @param hash of the weights that it was made with; empty for a result that needs none
   */
  Optional<Result> result(WorkerId id, long order, Optional<String> hash) {
    Optional<Result> late =
        books
            .crew
            .find(id)
            .filter(w -> w.state() == State.SILENT && w.order == order)
            .filter(w -> books.versions(w.id.role().weights()).exists(w.version()))
            .flatMap(w -> w.overdue().filter(Overdue::wanted).map(o -> new Result(w, o.group())));
    Optional<Worker> answered = answer(id, order);
    answered.filter(w -> w.group().isEmpty()).ifPresent(Worker::idle);
    Optional<Result> result =
        late.or(() -> answered.flatMap(w -> w.group().map(group -> new Result(w, group))))
            .filter(r -> hash.isEmpty() || proven(r.worker(), hash.get()));
    result
        .flatMap(r -> r.group().holder().filter(holder -> holder != r.worker()))
        .ifPresent(Worker::forgetGroup);
    return result;
  }

  void onReleased(WorkerId id, long order) {
    answer(id, order).ifPresent(this::takeBack);
  }

  void onNotLoaded(Event.NotLoaded missing) {
    answer(missing.worker(), missing.order()).ifPresent(worker -> notLoaded(worker, missing));
  }

  /** Reported the first time, and then ever more rarely. */
  private void notLoaded(Worker worker, Event.NotLoaded missing) {
    worker.notLoadedFor = missing.reason();
    if (Repeats.isTold(++worker.notLoaded)) {
      books.report(
          "%s did not get %s version %d%s: %s; it is loaded again"
              .formatted(
                  worker.id,
                  worker.id.role().weights(),
                  worker.version(),
                  Repeats.again(worker.notLoaded),
                  missing.reason()));
    }
    takeBack(worker);
  }

  void onLoaded(Event.Loaded loaded) {
    Optional<Worker> answered = answer(loaded.worker(), loaded.order());
    answered.ifPresent(
        worker -> {
          worker.changed = loaded.changed();
          worker.notLoaded = 0;
        });
    answered
        .filter(worker -> proven(worker, loaded.hash()))
        .ifPresent(
            worker -> {
              worker.idle();
              if (books.versions(worker.id.role().weights()).held(worker.version())) {
                books.progress();
              }
            });
  }

  /** Whether a worker holds the right weights; if not, it gets no more work. */
  private boolean proven(Worker worker, String hash) {
    Weights weights = worker.id.role().weights();
    String expected = books.versions(weights).hash(worker.version());
    if (expected.equals(hash)) {
      return true;
    }
    replace(
        worker,
        "holds hash %s as %s version %d, which is %s (loading it changed %d tensors)"
            .formatted(hash, weights, worker.version(), expected, worker.changed));
    return false;
  }

  /** Ends a worker's lease; its group, if any, can go to another. */
  private void takeBack(Worker worker) {
    worker
        .group()
        .ifPresent(
            group -> {
              group.takenBack();
              books.groups.countReleased();
            });
    if (worker.state() == State.LOADING) {
      worker.notLoaded();
    }
    worker.idle();
  }
}
