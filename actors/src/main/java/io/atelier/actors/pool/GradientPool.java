package io.atelier.actors.pool;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.pool.MicroBatchLeases.Lease;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Failures;
import io.atelier.actors.protocol.Addresses;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.GradientPoolCommand;
import io.atelier.actors.protocol.GradientWorkerCommand;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the micro-batches of an optimizer update to the policy learner and to gradient workers as
 * they ask, and has the learner add the gradients in the order of the micro-batches. A micro-batch
 * whose lease runs out is given to another; late and duplicate gradients are dropped.
 */
public final class GradientPool extends AbstractBehavior<GradientPoolCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(GradientPool.class);
  private static final Duration TICK = Duration.ofMillis(100);

  /** Micro-batches in advance of the sum, for each that computes: their gradients take memory. */
  private static final int AHEAD = 3;

  /**
   * A lease lasts this long, plus a multiple of what the learner takes for a micro-batch. A slower
   * worker is no help, since the learner would end up waiting for it.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final int PATIENCE_FACTOR = 4;

  private final BlobStore blobs;
  private final Clock clock;
  private final TimerScheduler<GradientPoolCommand> timers;

  /** Those that compute, and how many of their gradients were used. */
  private final Map<ActorRef<GradientWorkerCommand>, Long> known = new LinkedHashMap<>();

  private final Set<ActorRef<GradientWorkerCommand>> idle = new LinkedHashSet<>();
  private final Set<ActorRef<GradientWorkerCommand>> wrong = new HashSet<>();
  private Optional<GradientUpdate> update = Optional.empty();
  private long lastOrder;

  private GradientPool(
      ActorContext<GradientPoolCommand> context,
      TimerScheduler<GradientPoolCommand> timers,
      BlobStore blobs,
      Clock clock) {
    super(context);
    this.timers = timers;
    this.blobs = blobs;
    this.clock = clock;
  }

  /**
   * @param blobs where gradients come from, and weights within a step are kept
   */
  public static Behavior<GradientPoolCommand> create(BlobStore blobs, Clock clock) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new GradientPool(context, timers, blobs, clock)));
  }

  @Override
  public Receive<GradientPoolCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(GradientPoolCommand.Begin.class, this::onBegin)
        .onMessage(GradientPoolCommand.Done.class, this::onDone)
        .onMessage(GradientPoolCommand.Ask.class, this::onAsk)
        .onMessage(GradientPoolCommand.Ready.class, this::onReady)
        .onMessage(GradientPoolCommand.Computed.class, this::onComputed)
        .onMessage(GradientPoolCommand.NotComputed.class, this::onNotComputed)
        .onMessage(GradientPoolCommand.Fetched.class, this::onFetched)
        .onMessage(GradientPoolCommand.NotFetched.class, this::onNotFetched)
        .onMessage(GradientPoolCommand.Gone.class, this::onGone)
        .onMessageEquals(GradientPoolCommand.Tick.INSTANCE, this::onTick)
        .build();
  }

  // ---------------------------------------------------------------- the learner

  private Behavior<GradientPoolCommand> onBegin(GradientPoolCommand.Begin begin) {
    update = Optional.of(new GradientUpdate(begin, lastOrder));
    timers.startTimerWithFixedDelay(GradientPoolCommand.Tick.INSTANCE, TICK);
    return goOn();
  }

  private Behavior<GradientPoolCommand> onDone(GradientPoolCommand.Done done) {
    GradientUpdate now = update.orElseThrow();
    Lease<GradientUpdate.Holder> lease = now.leases.of(GradientUpdate.LEARNER).orElseThrow();
    now.leases.finish(lease.order());
    now.longest = Math.max(now.longest, clock.nanos() - lease.since());
    done.gradient().ifPresentOrElse(g -> now.arrived.put(lease.index(), g), () -> now.summed++);
    now.learnerIdle = true;
    return goOn();
  }

  /** Gives out what can be given, or tells the learner that all are added. */
  private Behavior<GradientPoolCommand> goOn() {
    if (update.isEmpty()) {
      return this;
    }
    GradientUpdate now = update.get();
    now.add();
    if (now.isDone()) {
      finish(now);
      return this;
    }
    int end = now.summed + AHEAD * (1 + known.size());
    if (now.learnerIdle) {
      now.leases
          .lease(GradientUpdate.LEARNER, end, clock.nanos())
          .ifPresent(
              lease -> {
                now.learnerIdle = false;
                boolean next = lease.index() == now.summed;
                now.begin.learner().tell(new PolicyLearnerCommand.Compute(lease.index(), next));
              });
    }
    now.begin.source().ifPresent(source -> serve(now, source, end));
    return this;
  }

  private void serve(GradientUpdate now, GradientPoolCommand.Source source, int end) {
    Iterator<ActorRef<GradientWorkerCommand>> workers = idle.iterator();
    boolean more = workers.hasNext() && offers(now, source);
    while (more && workers.hasNext()) {
      ActorRef<GradientWorkerCommand> worker = workers.next();
      Optional<Lease<GradientUpdate.Holder>> lease =
          now.leases.lease(new GradientUpdate.Holder(Optional.of(worker)), end, clock.nanos());
      lease.ifPresent(
          l -> {
            workers.remove();
            worker.tell(order(now, source, l));
          });
      more = lease.isPresent();
    }
  }

  /** Keeps weights within a step where workers get them; without room the learner is alone. */
  private boolean offers(GradientUpdate now, GradientPoolCommand.Source source) {
    if (source.moved().isPresent() && now.weights.isEmpty()) {
      try {
        now.weights = Optional.of(blobs.put(Blobs.TENSORS, source.moved().get()));
      } catch (BlobStoreFullException e) {
        LOG.warn("gradient workers do not get the weights within a step", e);
        return false;
      }
    }
    return true;
  }

  private GradientWorkerCommand.Compute order(
      GradientUpdate now, GradientPoolCommand.Source source, Lease<GradientUpdate.Holder> lease) {
    MicroBatch batch = now.begin.batches().get(lease.index());
    return new GradientWorkerCommand.Compute(
        lease.order(),
        source.version(),
        source.hash(),
        now.weights,
        now.begin.trajectories().get(batch.group()),
        batch,
        getContext().getSelf());
  }

  private void finish(GradientUpdate now) {
    timers.cancel(GradientPoolCommand.Tick.INSTANCE);
    now.weights.ifPresent(blobs::release);
    lastOrder = now.leases.lastOrder();
    update = Optional.empty();
    now.begin.learner().tell(new PolicyLearnerCommand.Summed(now.remote, known.size()));
  }

  // ---------------------------------------------------------------- gradient workers

  private Behavior<GradientPoolCommand> onReady(GradientPoolCommand.Ready ready) {
    ActorRef<GradientWorkerCommand> worker = ready.worker();
    if (wrong.contains(worker)) {
      return this;
    }
    if (known.putIfAbsent(worker, 0L) == null) {
      LOG.info("{} computes micro-batches", worker.path());
      getContext().watchWith(worker, new GradientPoolCommand.Gone(worker));
    }
    boolean busy =
        update
            .flatMap(now -> now.leases.of(new GradientUpdate.Holder(Optional.of(worker))))
            .isPresent();
    if (!busy) {
      idle.add(worker);
    }
    return goOn();
  }

  private Behavior<GradientPoolCommand> onComputed(GradientPoolCommand.Computed computed) {
    ActorRef<GradientWorkerCommand> worker = computed.worker();
    Optional<GradientUpdate> wanted =
        update.filter(u -> u.leases.find(computed.order()).isPresent());
    if (wanted.isEmpty()) {
      LOG.debug("what {} computed by order {} comes too late", worker.path(), computed.order());
      blobs.release(computed.gradients());
    } else if (!computed.hash().equals(wanted.get().hash())) {
      blobs.release(computed.gradients());
      dismiss(worker, computed.hash(), wanted.get().hash());
    } else {
      fetch(computed);
    }
    if (known.containsKey(worker)) {
      idle.add(worker);
    }
    return goOn();
  }

  /** Its gradients would be those of another policy. */
  private void dismiss(ActorRef<GradientWorkerCommand> worker, String hash, String expected) {
    LOG.warn(
        "{} holds weights {} where it was told to load {}; it computes no more",
        worker.path(),
        hash,
        expected);
    wrong.add(worker);
    forget(worker);
  }

  private void fetch(GradientPoolCommand.Computed computed) {
    getContext()
        .pipeToSelf(
            blobs.fetch(Blobs.TENSORS, computed.gradients()),
            (gradients, error) -> {
              blobs.release(computed.gradients());
              return error == null
                  ? new GradientPoolCommand.Fetched(
                      computed.order(), new Gradient(gradients, computed.terms()))
                  : new GradientPoolCommand.NotFetched(computed.order(), Failures.unwrap(error));
            });
  }

  private Behavior<GradientPoolCommand> onFetched(GradientPoolCommand.Fetched fetched) {
    update.ifPresent(
        now ->
            now.leases
                .finish(fetched.order())
                .ifPresent(
                    lease -> {
                      now.remote++;
                      known.computeIfPresent(
                          lease.worker().worker().orElseThrow(), (worker, done) -> done + 1);
                      now.arrived.put(lease.index(), fetched.gradient());
                    }));
    return goOn();
  }

  private Behavior<GradientPoolCommand> onNotFetched(GradientPoolCommand.NotFetched failed) {
    update.ifPresent(
        now ->
            now.leases
                .takeBack(lease -> lease.order() == failed.order())
                .forEach(lease -> LOG.warn("gradients did not come", failed.cause())));
    return goOn();
  }

  private Behavior<GradientPoolCommand> onNotComputed(GradientPoolCommand.NotComputed failed) {
    update.ifPresent(
        now ->
            now.leases
                .takeBack(lease -> lease.order() == failed.order())
                .forEach(
                    lease ->
                        LOG.warn(
                            "{} cannot compute a micro-batch: {}",
                            failed.worker().path(),
                            failed.reason())));
    return goOn();
  }

  private Behavior<GradientPoolCommand> onAsk(GradientPoolCommand.Ask ask) {
    List<RunStatus.Helper> helpers = new ArrayList<>();
    known.forEach((worker, done) -> helpers.add(helper(worker, does(worker), done)));
    wrong.forEach(w -> helpers.add(helper(w, "computes no more: it holds other weights", 0)));
    ask.conductor().tell(new ConductorCommand.Asked(ask.status().with(helpers), ask.replyTo()));
    return this;
  }

  private RunStatus.Helper helper(ActorRef<GradientWorkerCommand> worker, String does, long done) {
    return new RunStatus.Helper("gradient", Addresses.of(getContext(), worker), does, done);
  }

  private String does(ActorRef<GradientWorkerCommand> worker) {
    return update
        .flatMap(
            now ->
                now.leases
                    .of(new GradientUpdate.Holder(Optional.of(worker)))
                    .map(
                        lease ->
                            "computes micro-batch %d of %d"
                                .formatted(lease.index() + 1, now.begin.batches().size())))
        .orElse("waits for a micro-batch");
  }

  private Behavior<GradientPoolCommand> onGone(GradientPoolCommand.Gone gone) {
    LOG.info("{} is gone", gone.worker().path());
    wrong.remove(gone.worker());
    forget(gone.worker());
    return goOn();
  }

  private void forget(ActorRef<GradientWorkerCommand> worker) {
    known.remove(worker);
    idle.remove(worker);
    GradientUpdate.Holder holder = new GradientUpdate.Holder(Optional.of(worker));
    update.ifPresent(now -> now.leases.takeBack(lease -> lease.worker().equals(holder)));
  }

  /** Takes back what was leased too long ago. */
  private Behavior<GradientPoolCommand> onTick() {
    update
        .filter(now -> now.longest >= 0)
        .ifPresent(
            now -> {
              long latest = clock.nanos() - PATIENCE.toNanos() - PATIENCE_FACTOR * now.longest;
              now.leases
                  .takeBack(
                      lease -> lease.worker().worker().isPresent() && lease.since() - latest < 0)
                  .forEach(
                      lease ->
                          LOG.info(
                              "{} takes too long over a micro-batch",
                              lease.worker().worker().get().path()));
            });
    return goOn();
  }
}
