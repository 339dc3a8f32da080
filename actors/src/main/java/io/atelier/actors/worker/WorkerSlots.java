package io.atelier.actors.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rollout and reward workers of a host: one slot each, in which a worker can be replaced. */
final class WorkerSlots {
  private static final Logger LOG = LoggerFactory.getLogger(Host.class);
  private static final DispatcherSelector COMPUTE =
      DispatcherSelector.fromConfig("atelier.compute-dispatcher");

  /** Heartbeats within which a worker that is stopped ends, unless it hangs. */
  private static final int HANGS = 60;

  /** Every so many heartbeats what was answered before is named. */
  private static final int RELEASES = 20;

  private static final int MOST_NAMED = 500;

  /** A place for a worker, and its present incarnation. */
  private static final class Slot {
    private final Role role;
    private WorkerId id;
    private Optional<ActorRef<WorkerCommand>> ref = Optional.empty();
    private Orders orders = new Orders();

    /** Whether the present incarnation can take orders. */
    private boolean ready;

    private int failures;

    /** An actor that was stopped, and has not come back from what it computes. */
    private Optional<ActorRef<WorkerCommand>> stopping = Optional.empty();

    private String stopped = "";

    private Slot(Role role, WorkerId id) {
      this.role = role;
      this.id = id;
    }
  }

  private final ActorContext<HostCommand> context;
  private final HostSetup setup;
  private final Consumer<Event> conductor;
  private final Map<String, Slot> slots = new TreeMap<>();

  /** What was answered before the last answers, as long as it is there. */
  private final Set<BlobRef> earlier = new LinkedHashSet<>();

  private long beats;

  /** What incarnations that are gone answered last, as long as it is there. */
  private final Set<BlobRef> left = new LinkedHashSet<>();

  /**
   * Starts all of them: models load while the node looks for a conductor.
   *
   * @param conductor told of what happens, while there is one
   */
  WorkerSlots(ActorContext<HostCommand> context, HostSetup setup, Consumer<Event> conductor) {
    this.context = context;
    this.setup = setup;
    this.conductor = conductor;
    addSlots(Role.ROLLOUT, setup.rollout());
    addSlots(Role.REWARD, setup.reward());
    slots.values().forEach(this::make);
  }

  private void addSlots(Role role, int count) {
    String node = setup.transport().node();
    for (int i = 0; i < count; i++) {
      String name = role + "-" + i + setup.label();
      // the first incarnation is 0, once a conductor is there
      slots.put(name, new Slot(role, new WorkerId(role, name, -1, node)));
    }
  }

  int count() {
    return slots.size();
  }

  Set<Role> roles() {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    slots.values().forEach(slot -> roles.add(slot.role));
    return roles;
  }

  /** Every worker joins with its next incarnation. */
  void joinAnew(Employment now) {
    trained();
    slots.values().forEach(slot -> start(slot, now));
  }

  /** A step is trained: failures are counted anew. */
  void trained() {
    slots.values().forEach(slot -> slot.failures = 0);
  }

  void stop() {
    slots.values().forEach(slot -> slot.ref.ifPresent(context::stop));
  }

  /** Ends all workers of a role for good. */
  void remove(Role role) {
    List<Slot> taken = slots.values().stream().filter(s -> s.role == role).toList();
    for (Slot slot : taken) {
      abandon(slot.orders);
      slot.ref.ifPresent(context::stop);
    }
    slots.values().removeAll(taken);
  }

  /**
   * Gives a slot its next incarnation: the actor that is there, or a new one; not beside one that
   * hangs.
   */
  private void start(Slot slot, Employment now) {
    if (slot.stopping.isPresent()) {
      return;
    }
    abandon(slot.orders);
    ActorRef<WorkerCommand> worker = slot.ref.orElseGet(() -> make(slot));
    WorkerId last = slot.id;
    slot.id = new WorkerId(last.role(), last.name(), last.incarnation() + 1, last.node());
    slot.ready = false;
    worker.tell(
        new WorkerCommand.Join(
            slot.id,
            now.conductor(),
            slot.role == Role.ROLLOUT ? now.policy() : now.critic(),
            context.getSelf()));
  }

  private void abandon(Orders orders) {
    left.addAll(orders.earlier());
    left.addAll(orders.made());
  }

  /**
   * Blobs that the conductor may have to release: those of workers that are gone, of which it may
   * never have heard, and now and then those that were answered before, whose release may have been
   * lost. What it still needs it leaves alone.
   */
  List<BlobRef> left() {
    slots.values().forEach(slot -> earlier.addAll(slot.orders.earlier()));
    left.removeIf(blob -> !setup.transport().blobs().holds(blob));
    List<BlobRef> named = new ArrayList<>(left);
    if (++beats % RELEASES == 0) {
      earlier.removeIf(blob -> !setup.transport().blobs().holds(blob));
      earlier.stream().limit(MOST_NAMED).forEach(named::add);
    }
    return List.copyOf(named);
  }

  /** A worker can take orders, unless it was replaced meanwhile. */
  void ready(WorkerId worker) {
    Slot slot = slots.get(worker.name());
    if (slot != null && slot.id.equals(worker)) {
      slot.ready = true;
    }
  }

  /** The workers that can take orders. */
  List<ConductorCommand.Seat> seats() {
    List<ConductorCommand.Seat> seats = new ArrayList<>();
    for (Slot slot : slots.values()) {
      if (slot.ready && slot.ref.isPresent()) {
        Orders.Progress at = slot.orders.progress();
        seats.add(
            new ConductorCommand.Seat(
                new WorkerState(slot.id, at.latest(), at.working()), slot.ref.get()));
      }
    }
    return seats;
  }

  /** An actor for a slot, which makes what it computes with, and waits for a conductor. */
  private ActorRef<WorkerCommand> make(Slot slot) {
    slot.orders = new Orders();
    String name = slot.role + "-" + slot.id.name().replaceAll("[^A-Za-z0-9-]", "-");
    ActorRef<WorkerCommand> worker =
        context.spawn(behavior(slot), name + "-" + (slot.id.incarnation() + 1), COMPUTE);
    context.watch(worker);
    slot.ref = Optional.of(worker);
    return worker;
  }

  private Behavior<WorkerCommand> behavior(Slot slot) {
    BlobStore blobs = setup.transport().blobs();
    return switch (slot.role) {
      case ROLLOUT ->
          RolloutWorker.create(
              new RolloutWorker.Tools(blobs, setup.generator(), setup.clock()), slot.orders);
      case REWARD ->
          RewardWorker.create(
              new RewardWorker.Tools(blobs, setup.scorer(), setup.pictures(), setup.clock()),
              slot.orders);
    };
  }

  /**
   * A child of the host has failed; if it was one of these, and there is a conductor, it is
   * replaced.
   */
  void failed(ActorRef<?> child, Throwable error, Optional<Employment> employment) {
    slots.values().stream()
        .filter(slot -> slot.ref.filter(child::equals).isPresent())
        .findFirst()
        .ifPresent(slot -> failed(slot, Failures.unwrap(error), employment));
  }

  private void failed(Slot slot, RuntimeException cause, Optional<Employment> employment) {
    setup.listener().onWorkerFailed(cause);
    if (employment.isEmpty()) {
      LOG.warn("{} failed; it is made again once there is a conductor", slot.id.name(), cause);
      slot.ref = Optional.empty();
      return;
    }
    LOG.info("{} failed", slot.id, cause); // the conductor reports it
    String what = Failures.describe(cause);
    conductor.accept(new Event.WorkerLost(slot.id, Optional.of(what)));
    restart(slot, employment.get(), what);
  }

  /**
   * Ends a worker, if it is still there. Another takes its place once it has ended: a second model
   * beside one that hangs may not fit.
   */
  void replace(WorkerId worker, String reason) {
    Slot slot = slots.get(worker.name());
    if (slot != null && slot.id.equals(worker) && slot.ref.isPresent()) {
      slot.stopping = slot.ref;
      slot.stopped = reason;
      slot.ref = Optional.empty();
      context.stop(slot.stopping.get());
      context.scheduleOnce(hangTime(), context.getSelf(), new HostCommand.Hangs(worker));
    }
  }

  private Duration hangTime() {
    return setup.beat().multipliedBy(HANGS);
  }

  /**
   * If a worker that was to be replaced has ended, by an exception or not, another takes its place.
   */
  void ended(ActorRef<?> child, Optional<Employment> employment) {
    slots.values().stream()
        .filter(slot -> slot.stopping.filter(child::equals).isPresent())
        .findFirst()
        .ifPresent(
            slot -> {
              slot.stopping = Optional.empty();
              employment.ifPresent(now -> restart(slot, now, slot.stopped));
            });
  }

  /** Why this node has to end, if a worker that was stopped still has not ended. */
  Optional<String> hangs(WorkerId worker) {
    return Optional.ofNullable(slots.get(worker.name()))
        .filter(slot -> slot.id.equals(worker) && slot.stopping.isPresent())
        .map(
            slot ->
                "%s hangs: it %s, and did not end within %d s of being stopped"
                    .formatted(worker.name(), slot.stopped, hangTime().toSeconds()));
  }

  /** Starts the next incarnation, unless the worker failed too often since the last step. */
  private void restart(Slot slot, Employment now, String reason) {
    slot.ref = Optional.empty();
    if (++slot.failures <= setup.restarts()) {
      start(slot, now);
      return;
    }
    abandon(slot.orders);
    boolean last = slots.values().stream().noneMatch(s -> s.role == slot.role && s.ref.isPresent());
    conductor.accept(new Event.GaveUp(slot.id, slot.failures, reason, last));
  }
}
