package io.atelier.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.MicroBatchLeases.Lease;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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
 * Hands the micro-batches of an optimizer update to the policy learner and to gradient workers, to
 * each when it asks, and has the learner add their gradients in the order of the micro-batches.
 * What a worker does not give back in time is computed by another; what comes late or twice is
 * dropped.
 */
public final class GradientPool extends AbstractBehavior<GradientPool.Command> {

  /** What the pool is told. */
  public sealed interface Command {}

  /**
   * Compute this update. The learner is asked for micro-batches, told the gradients that others
   * computed, and told in the end that all are added.
   *
   * @param source of the weights to compute with; empty if the learner alone has them
   * @param batches in the order of their sum
   * @param trajectories of the groups of the step
   */
  record Begin(
      ActorRef<PolicyLearner.Command> learner,
      Optional<Source> source,
      List<MicroBatch> batches,
      List<BlobRef> trajectories)
      implements Command {}

  /**
   * Weights to compute with.
   *
   * @param version policy version before the learner step
   * @param hash content hash of the weights
   * @param moved the weights, if the policy has moved since that version
   */
  record Source(long version, String hash, Optional<NamedTensors> moved) {}

  /** How are the gradient workers? To be added to the status. */
  record Ask(RunStatus status, ActorRef<Conductor.Command> conductor, ActorRef<RunStatus> replyTo)
      implements Command {}

  /**
   * The learner has computed its micro-batch, and takes another one.
   *
   * @param gradient to be added in its turn; empty if it is added already
   */
  record Done(Optional<Gradient> gradient) implements Command {}

  /** A gradient worker is there and has nothing to do; said again and again. */
  record Ready(ActorRef<GradientWorker.Command> worker) implements Command {}

  /**
   * A gradient worker has computed a micro-batch, and takes another one.
   *
   * @param hash content hash of the weights that it holds
   * @param gradients to be released once they are fetched
   * @param terms of the loss, one for each sample
   */
  public record Computed(
      long order,
      ActorRef<GradientWorker.Command> worker,
      String hash,
      BlobRef gradients,
      List<LossTerms> terms)
      implements Command, WireMessage {}

  /** A gradient worker cannot compute a micro-batch, and does not ask for another one yet. */
  public record NotComputed(long order, ActorRef<GradientWorker.Command> worker, String reason)
      implements Command, WireMessage {}

  private record Fetched(long order, Gradient gradient) implements Command {}

  private record NotFetched(long order, RuntimeException cause) implements Command {}

  private record Gone(ActorRef<GradientWorker.Command> worker) implements Command {}

  private enum Tick implements Command {
    INSTANCE
  }

  /** Who has a micro-batch: a gradient worker, or the learner. */
  private record Holder(Optional<ActorRef<GradientWorker.Command>> worker) {}

  private static final Holder LEARNER = new Holder(Optional.empty());
  private static final Logger LOG = LoggerFactory.getLogger(GradientPool.class);
  private static final Duration TICK = Duration.ofMillis(100);

  /** Micro-batches in advance of the sum, for each that computes: their gradients take memory. */
  private static final int AHEAD = 3;

  /**
   * A worker has this long, and as many times as long as the learner takes for a micro-batch. One
   * that is slower is of no help: the learner would wait for it in the end.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final int PATIENCE_FACTOR = 4;

  private final BlobStore blobs;
  private final Clock clock;
  private final TimerScheduler<Command> timers;

  /** Those that compute, and how many of their gradients were used. */
  private final Map<ActorRef<GradientWorker.Command>, Long> known = new LinkedHashMap<>();

  private final Set<ActorRef<GradientWorker.Command>> idle = new LinkedHashSet<>();
  private final Set<ActorRef<GradientWorker.Command>> wrong = new HashSet<>();
  private Optional<Update> update = Optional.empty();
  private long lastOrder;

  /** The update at hand. */
  private static final class Update {
    private final Begin begin;
    private final MicroBatchLeases<Holder> leases;
    private final Map<Integer, Gradient> arrived = new HashMap<>();
    private Optional<BlobRef> weights = Optional.empty();
    private boolean learnerIdle = true;
    private long longest = -1;
    private int summed;
    private int remote;

    private Update(Begin begin, long lastOrder) {
      this.begin = begin;
      this.leases = new MicroBatchLeases<>(begin.batches().size(), lastOrder);
    }

    /** Of the weights that workers are to compute with. */
    private String hash() {
      return begin.source().orElseThrow().hash();
    }

    private boolean isDone() {
      return summed == begin.batches().size();
    }

    /** Has a learner that does not compute add those whose turn it is. */
    private void add() {
      while (learnerIdle && arrived.containsKey(summed)) {
        begin.learner().tell(new PolicyLearner.Add(arrived.remove(summed++)));
      }
    }
  }

  private GradientPool(
      ActorContext<Command> context, TimerScheduler<Command> timers, BlobStore blobs, Clock clock) {
    super(context);
    this.timers = timers;
    this.blobs = blobs;
    this.clock = clock;
  }

  /**
   * @param blobs where gradients come from, and weights within a step are kept
   */
  public static Behavior<Command> create(BlobStore blobs, Clock clock) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new GradientPool(context, timers, blobs, clock)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Begin.class, this::onBegin)
        .onMessage(Done.class, this::onDone)
        .onMessage(Ask.class, this::onAsk)
        .onMessage(Ready.class, this::onReady)
        .onMessage(Computed.class, this::onComputed)
        .onMessage(NotComputed.class, this::onNotComputed)
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(NotFetched.class, this::onNotFetched)
        .onMessage(Gone.class, this::onGone)
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .build();
  }

  // ---------------------------------------------------------------- the learner

  private Behavior<Command> onBegin(Begin begin) {
    update = Optional.of(new Update(begin, lastOrder));
    timers.startTimerWithFixedDelay(Tick.INSTANCE, TICK);
    return goOn();
  }

  private Behavior<Command> onDone(Done done) {
    Update now = update.orElseThrow();
    Lease<Holder> lease = now.leases.of(LEARNER).orElseThrow();
    now.leases.finish(lease.order());
    now.longest = Math.max(now.longest, clock.nanos() - lease.since());
    done.gradient().ifPresentOrElse(g -> now.arrived.put(lease.index(), g), () -> now.summed++);
    now.learnerIdle = true;
    return goOn();
  }

  /** Gives out what can be given, or tells the learner that all are added. */
  private Behavior<Command> goOn() {
    if (update.isEmpty()) {
      return this;
    }
    Update now = update.get();
    now.add();
    if (now.isDone()) {
      finish(now);
      return this;
    }
    int end = now.summed + AHEAD * (1 + known.size());
    if (now.learnerIdle) {
      now.leases
          .lease(LEARNER, end, clock.nanos())
          .ifPresent(
              lease -> {
                now.learnerIdle = false;
                boolean next = lease.index() == now.summed;
                now.begin.learner().tell(new PolicyLearner.Compute(lease.index(), next));
              });
    }
    now.begin.source().ifPresent(source -> serve(now, source, end));
    return this;
  }

  private void serve(Update now, Source source, int end) {
    Iterator<ActorRef<GradientWorker.Command>> workers = idle.iterator();
    boolean more = workers.hasNext() && offers(now, source);
    while (more && workers.hasNext()) {
      ActorRef<GradientWorker.Command> worker = workers.next();
      Optional<Lease<Holder>> lease =
          now.leases.lease(new Holder(Optional.of(worker)), end, clock.nanos());
      lease.ifPresent(
          l -> {
            workers.remove();
            worker.tell(order(now, source, l));
          });
      more = lease.isPresent();
    }
  }

  /** Keeps weights within a step where workers get them; without room the learner is alone. */
  private boolean offers(Update now, Source source) {
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

  private GradientWorker.Compute order(Update now, Source source, Lease<Holder> lease) {
    MicroBatch batch = now.begin.batches().get(lease.index());
    return new GradientWorker.Compute(
        lease.order(),
        source.version(),
        source.hash(),
        now.weights,
        now.begin.trajectories().get(batch.group()),
        batch,
        getContext().getSelf());
  }

  private void finish(Update now) {
    timers.cancel(Tick.INSTANCE);
    now.weights.ifPresent(blobs::release);
    lastOrder = now.leases.lastOrder();
    update = Optional.empty();
    now.begin.learner().tell(new PolicyLearner.Summed(now.remote, known.size()));
  }

  // ---------------------------------------------------------------- gradient workers

  private Behavior<Command> onReady(Ready ready) {
    ActorRef<GradientWorker.Command> worker = ready.worker();
    if (wrong.contains(worker)) {
      return this;
    }
    if (known.putIfAbsent(worker, 0L) == null) {
      LOG.info("{} computes micro-batches", worker.path());
      getContext().watchWith(worker, new Gone(worker));
    }
    boolean busy =
        update.flatMap(now -> now.leases.of(new Holder(Optional.of(worker)))).isPresent();
    if (!busy) {
      idle.add(worker);
    }
    return goOn();
  }

  private Behavior<Command> onComputed(Computed computed) {
    ActorRef<GradientWorker.Command> worker = computed.worker();
    Optional<Update> wanted = update.filter(u -> u.leases.find(computed.order()).isPresent());
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
  private void dismiss(ActorRef<GradientWorker.Command> worker, String hash, String expected) {
    LOG.warn(
        "{} holds weights {} where it was told to load {}; it computes no more",
        worker.path(),
        hash,
        expected);
    wrong.add(worker);
    forget(worker);
  }

  private void fetch(Computed computed) {
    getContext()
        .pipeToSelf(
            blobs.fetch(Blobs.TENSORS, computed.gradients()),
            (gradients, error) -> {
              blobs.release(computed.gradients());
              return error == null
                  ? new Fetched(computed.order(), new Gradient(gradients, computed.terms()))
                  : new NotFetched(computed.order(), Failures.unwrap(error));
            });
  }

  private Behavior<Command> onFetched(Fetched fetched) {
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

  private Behavior<Command> onNotFetched(NotFetched failed) {
    update.ifPresent(
        now ->
            now.leases
                .takeBack(lease -> lease.order() == failed.order())
                .forEach(lease -> LOG.warn("gradients did not come", failed.cause())));
    return goOn();
  }

  private Behavior<Command> onNotComputed(NotComputed failed) {
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

  private Behavior<Command> onAsk(Ask ask) {
    List<RunStatus.Helper> helpers = new ArrayList<>();
    known.forEach((worker, done) -> helpers.add(helper(worker, does(worker), done)));
    wrong.forEach(w -> helpers.add(helper(w, "computes no more: it holds other weights", 0)));
    ask.conductor().tell(new Conductor.Asked(ask.status().with(helpers), ask.replyTo()));
    return this;
  }

  private RunStatus.Helper helper(ActorRef<GradientWorker.Command> worker, String does, long done) {
    return new RunStatus.Helper("gradient", Addresses.of(getContext(), worker), does, done);
  }

  private String does(ActorRef<GradientWorker.Command> worker) {
    return update
        .flatMap(
            now ->
                now.leases
                    .of(new Holder(Optional.of(worker)))
                    .map(
                        lease ->
                            "computes micro-batch %d of %d"
                                .formatted(lease.index() + 1, now.begin.batches().size())))
        .orElse("waits for a micro-batch");
  }

  private Behavior<Command> onGone(Gone gone) {
    LOG.info("{} is gone", gone.worker().path());
    wrong.remove(gone.worker());
    forget(gone.worker());
    return goOn();
  }

  private void forget(ActorRef<GradientWorker.Command> worker) {
    known.remove(worker);
    idle.remove(worker);
    Holder holder = new Holder(Optional.of(worker));
    update.ifPresent(now -> now.leases.takeBack(lease -> lease.worker().equals(holder)));
  }

  /** Takes back what was leased too long ago. */
  private Behavior<Command> onTick() {
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
