package io.atelier.tests.simulation;

import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Span;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.reward.Reward;
import io.atelier.rollout.GroupId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A worker that does one thing after the other, and to which things happen. */
final class FakeWorker {
  private static final Span NO_SPAN = new Span(0, 0);

  final WorkerId id;
  private final World world;
  private long latest;
  private long busyUntil;

  /** What it really holds, and which version it takes that for. */
  private long weights;

  private String claimed = "";
  private boolean leased;
  boolean alive = true;

  /** Whether its node says that it is there. */
  private boolean listed;

  private boolean working;
  private final List<BlobRef> made = new ArrayList<>();
  private long answered;
  private Event answer;

  FakeWorker(World world, WorkerId id) {
    this.world = world;
    this.id = id;
  }

  /** It can take orders. */
  void ready() {
    listed = alive;
  }

  /** It is gone, and its node knows. */
  void leave() {
    made.forEach(world::left);
    made.clear();
    alive = false;
    listed = false;
  }

  /** What its last answer names. */
  List<BlobRef> made() {
    return made;
  }

  boolean isListed() {
    return listed;
  }

  WorkerState state() {
    return new WorkerState(id, latest, working);
  }

  /** Takes an order as soon as it is done with what it is at. */
  void receive(Effect.Order order) {
    if (!alive) {
      return;
    }
    long free = Math.max(busyUntil, world.pausedUntil(id.node()));
    if (world.now() < free) {
      world.at(free, () -> receive(order));
      return;
    }
    if (order instanceof Effect.Revoke revoke) {
      if (answered == revoke.order() && !working) {
        say(answer);
        return;
      }
      latest = Math.max(latest, revoke.order());
      working &= latest != revoke.order();
      say(new Event.Released(id, revoke.order()));
    } else if (order.order() == latest && answered == latest) {
      world.count(Fault.ANSWERED_AGAIN);
      say(answer);
    } else if (order.order() > latest) {
      latest = order.order();
      made.forEach(world::left); // it was heard, but a release may have been lost
      made.clear();
      working = true;
      if (order instanceof Effect.Load load) {
        load(load);
      } else {
        work(order);
      }
    }
  }

  private void load(Effect.Load load) {
    long version = load.version();
    boolean noop = world.happens(.15);
    after(
        10 + world.random(60),
        () -> {
          if (noop) {
            world.count(Fault.WRONG_HASH);
          } else {
            weights = world.weights(id.role(), version);
            world.held(id.role(), version);
          }
          claimed = Mix.hash(weights);
          answer(new Event.Loaded(id, load.order(), claimed, noop ? 0 : 1, NO_SPAN));
        });
  }

  private void work(Effect.Order order) {
    leased = true;
    int normal = id.role() == Role.ROLLOUT ? 40 + world.random(200) : 10 + world.random(80);
    if (world.plan().freeRunning() && id.name().endsWith("0")) {
      // The others overtake it, and what it makes may be too old when it is done.
      normal *= id.role() == Role.ROLLOUT ? 3 : 6;
    }
    int lease = id.role() == Role.ROLLOUT ? Plan.ROLLOUT_LEASE : Plan.REWARD_LEASE;
    if (world.happens(.25)) {
      world.at(world.now() + world.random(normal), () -> die(order));
      return;
    }
    if (world.happens(.05)) {
      world.count(Fault.HUNG);
      busyUntil = Long.MAX_VALUE;
      return;
    }
    boolean late = world.happens(.2);
    after(late ? lease + world.random(2 * lease) : normal, () -> done(order, late));
  }

  private void done(Effect.Order order, boolean late) {
    if (!working || latest != order.order()) {
      return; // revoked while it waited for room
    }
    int features = world.plan().config().critic() ? World.FEATURES_BYTES : 0;
    int bytes = order instanceof Effect.Generate ? World.GENERATED_BYTES : features;
    if (!world.hasRoom(id.node(), bytes)) {
      world.count(Fault.STORE_FULL);
      say(new Event.NoRoom(id, order.order(), bytes));
      at(world.now() + 40, () -> done(order, late));
      return;
    }
    leased = false;
    if (late) {
      world.count(Fault.LATE_RESULT);
    }
    if (world.plan().broken(id)) {
      world.lost(this, Optional.of(id.node() + " is broken"));
    } else if (order instanceof Effect.Generate lease) {
      if (world.fails(lease.id(), lease.attempt(), "generate")) {
        world.lost(this, Optional.of("cannot generate " + lease.id()));
        return;
      }
      if (world.happens(.05)) {
        world.count(Fault.CHANGED_WEIGHTS);
        weights = Mix.of(weights, 666);
        claimed = Mix.hash(weights);
      }
      long images = Model.images(lease.id(), lease.attempt(), weights);
      answer(
          new Event.Generated(
              id,
              order.order(),
              claimed,
              world.put(id.node(), images),
              world.put(id.node(), images),
              NO_SPAN));
    } else if (order instanceof Effect.Score lease) {
      score(lease);
    }
  }

  private void score(Effect.Score lease) {
    GroupId group = lease.id();
    Optional<Long> images = world.get(lease.images());
    if (images.isEmpty()) {
      world.count(Fault.IMAGES_GONE);
      answer(new Event.ImagesGone(id, lease.order(), "a blob is gone"));
    } else if (world.fails(group, lease.attempt(), "score")) {
      world.lost(this, Optional.of("cannot score " + group));
    } else if (world.happens(.5)) {
      world.count(Fault.SCORE_LATER);
      answer(new Event.ScoreLater(id, lease.order(), "busy"));
    } else if (world.plan().unscorable(group, lease.attempt())) {
      world.count(Fault.UNSCORABLE);
      answer(new Event.Unscorable(id, lease.order(), "no"));
    } else {
      long scores = Model.scores(images.get(), weights);
      float[] bits = {
        (int) (scores >>> 40), (int) (scores >>> 20 & 0xFFFFF), (int) (scores & 0xFFFFF)
      };
      Optional<BlobRef> features =
          world.plan().config().critic()
              ? Optional.of(world.put(id.node(), images.get()))
              : Optional.empty();
      Reward.Scored scored = new Reward.Scored(bits, Map.of());
      answer(
          new Event.Scored(
              id,
              lease.order(),
              claimed,
              scored,
              List.of(scored),
              features,
              world.random(4) > 0
                  ? Optional.of(world.offer(id.node(), images.get()))
                  : Optional.empty(),
              NO_SPAN,
              0,
              NO_SPAN));
    }
  }

  /** The digest that went into the scores. */
  static long digest(Reward.Scored scores) {
    float[] bits = scores.total();
    return (long) bits[0] << 40 | (long) bits[1] << 20 | (long) bits[2];
  }

  private void die(Effect.Order order) {
    if (!alive) {
      return;
    }
    if (world.chance(.3)) {
      world.count(Fault.DIED_SILENTLY);
      alive = false;
    } else {
      world.count(leased ? Fault.DIED_WITH_LEASE : Fault.DIED_SILENTLY);
      world.lost(this, Optional.empty());
    }
  }

  private void after(long time, Runnable action) {
    busyUntil = world.now() + time;
    at(busyUntil, action);
  }

  private void at(long time, Runnable action) {
    world.at(
        time,
        () -> {
          if (alive && world.isPaused(id.node())) {
            at(world.pausedUntil(id.node()), action);
          } else if (alive) {
            action.run();
          }
        });
  }

  private void answer(Event event) {
    working = false;
    if (event instanceof Event.Generated generated) {
      made.addAll(List.of(generated.images(), generated.trajectory()));
    } else if (event instanceof Event.Scored scored) {
      scored.features().ifPresent(made::add);
    }
    answered = latest;
    answer = event;
    say(event);
  }

  private void say(Event event) {
    world.network(() -> world.tell(event));
  }
}
