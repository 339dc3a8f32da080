package io.atelier.actors.pool;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.pool.WorkQueue.Lease;
import io.atelier.actors.port.Clock;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the micro-batches of an optimizer update to the policy learner and to gradient workers as
 * they ask, and has the learner add the gradients in the order of the micro-batches. A micro-batch
 * that takes a worker too long is given to another; the first gradient that arrives is used.
 */
public final class GradientPool extends WorkerPool {

  private static final Logger LOG = LoggerFactory.getLogger(GradientPool.class);
  private static final Duration TICK = Duration.ofMillis(100);

  /**
   * Micro-batches in advance of the sum, for each that computes, if the heap has room for their
   * gradients.
   */
  private static final int AHEAD = 3;

  /**
   * A lease lasts this long, plus a multiple of what the learner takes for a micro-batch. A slower
   * worker is no help, since the learner would end up waiting for it.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final int PATIENCE_FACTOR = 4;

  private final BlobStore blobs;
  private final Clock clock;
  private final TimerScheduler<PoolCommand> timers;
  private final long heapBytes;

  /** Bytes of the largest gradient so far; 0 until one is known. */
  private long largest;

  /** Whether it was said that not all workers can compute at a time. */
  private boolean tight;

  private Optional<GradientUpdate> update = Optional.empty();

  private GradientPool(
      ActorContext<PoolCommand> context,
      TimerScheduler<PoolCommand> timers,
      BlobStore blobs,
      Clock clock,
      long heapBytes) {
    super(context, "gradient", "a micro-batch", blobs);
    this.heapBytes = heapBytes;
    this.timers = timers;
    this.blobs = blobs;
    this.clock = clock;
  }

  /**
   * @param blobs where gradients come from, and weights within a step are kept
   * @param heapBytes of gradients that wait for their turn in the sum, at most; the next one in
   *     turn is asked for in any case
   */
  public static Behavior<PoolCommand> create(BlobStore blobs, Clock clock, long heapBytes) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new GradientPool(context, timers, blobs, clock, heapBytes)));
  }

  @Override
  public Receive<PoolCommand> createReceive() {
    return receive()
        .onMessage(PoolCommand.Begin.class, this::onBegin)
        .onMessage(PoolCommand.LearnerDone.class, this::onLearnerDone)
        .onMessage(PoolCommand.Computed.class, this::onComputed)
        .onMessageEquals(PoolCommand.Tick.INSTANCE, this::onTick)
        .build();
  }

  private Behavior<PoolCommand> onBegin(PoolCommand.Begin begin) {
    update = Optional.of(new GradientUpdate(begin));
    queue.clear();
    IntStream.range(0, begin.batches().size()).forEach(queue::add);
    timers.startTimerWithFixedDelay(PoolCommand.Tick.INSTANCE, TICK);
    return handOut();
  }

  private Behavior<PoolCommand> onLearnerDone(PoolCommand.LearnerDone done) {
    update.orElseThrow().computed(done.gradient(), clock.nanos());
    return handOut();
  }

  /** Or tells the learner that all are added. */
  @Override
  Behavior<PoolCommand> handOut() {
    update.ifPresent(
        now -> {
          now.add();
          if (now.isDone()) {
            finish(now);
          } else {
            handOut(now);
          }
        });
    return this;
  }

  private void handOut(GradientUpdate now) {
    int end = now.summed() + ahead();
    if (now.learnerIdle()) {
      queue.take(end).ifPresent(index -> now.compute(index, clock.nanos()));
    }
    if (now.begin.source().isPresent() && !queue.idle().isEmpty() && offersWeights(now)) {
      queue.idle().forEach(worker -> give(worker, end, clock.nanos()));
    }
  }

  /** The next micro-batch in turn, and those that may be computed before it is summed. */
  private int ahead() {
    long computing = 1L + queue.workers().size();
    long fits = largest == 0 ? Integer.MAX_VALUE : 1 + heapBytes / largest;
    if (fits < computing && !tight) {
      tight = true;
      LOG.warn(
          "the heap has room for {} gradients of {} MB that wait for their turn, so {} of {} gradient"
              + " workers wait; raise -Xmx of the leading node by ATELIER_JAVA_OPTS",
          fits - 1,
          largest >> 20,
          computing - fits,
          computing - 1);
    }
    return (int) Math.min(fits, AHEAD * computing);
  }

  /** Keeps weights within a step where workers get them; without room the learner is alone. */
  private boolean offersWeights(GradientUpdate now) {
    PoolCommand.Source source = now.begin.source().orElseThrow();
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

  @Override
  WorkerCommand order(Lease<ActorRef<WorkerCommand>> lease) {
    GradientUpdate now = update.orElseThrow();
    PoolCommand.Source source = now.begin.source().orElseThrow();
    MicroBatch batch = now.begin.batches().get(lease.work());
    return new WorkerCommand.Compute(
        lease.order(),
        source.version(),
        source.hash(),
        now.weights,
        now.begin.trajectories().get(batch.group()),
        batch,
        getContext().getSelf());
  }

  @Override
  String does(Lease<ActorRef<WorkerCommand>> lease) {
    return "computes micro-batch %d of %d"
        .formatted(lease.work() + 1, update.orElseThrow().begin.batches().size());
  }

  private Behavior<PoolCommand> onComputed(PoolCommand.Computed computed) {
    ActorRef<WorkerCommand> worker = computed.worker();
    Optional<String> expected =
        update
            .filter(now -> queue.isAt(worker, computed.order()))
            .map(GradientUpdate::hash)
            .filter(hash -> !hash.equals(computed.hash()));
    if (expected.isPresent()) { // its gradients would be those of another policy
      LOG.warn(
          "{} holds weights {} where it was told to load {}; it computes no more",
          worker.path(),
          computed.hash(),
          expected.get());
      blobs.release(computed.gradients());
      queue.dismiss(worker);
      return handOut();
    }
    largest = Math.max(largest, computed.gradients().length());
    return fetch(
        computed,
        Blobs.TENSORS,
        computed.gradients(),
        (index, gradients) ->
            update.orElseThrow().arrived(index, new Gradient(gradients, computed.terms())));
  }

  /** Whoever is idle next computes it. */
  @Override
  void notDone(Lease<ActorRef<WorkerCommand>> lease, String reason) {}

  private void finish(GradientUpdate now) {
    timers.cancel(PoolCommand.Tick.INSTANCE);
    now.weights.ifPresent(blobs::release);
    update = Optional.empty();
    now.begin.learner().tell(new PolicyLearnerCommand.Summed(now.remote, queue.workers().size()));
  }

  /** Takes back what was given too long ago. */
  private Behavior<PoolCommand> onTick() {
    update.filter(now -> now.longest() >= 0).ifPresent(this::takeBackLate);
    return handOut();
  }

  private void takeBackLate(GradientUpdate now) {
    long latest = clock.nanos() - PATIENCE.toNanos() - PATIENCE_FACTOR * now.longest();
    queue
        .takeBack(lease -> lease.since() - latest < 0)
        .forEach(lease -> LOG.info("{} takes too long over a micro-batch", lease.worker().path()));
  }
}
