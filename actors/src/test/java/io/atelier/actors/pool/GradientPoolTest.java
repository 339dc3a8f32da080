package io.atelier.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Clock;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.blob.LocalBlobStore;
import io.atelier.learner.Gradient;
import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool whose learner and workers are played by the test, which decides what goes wrong. */
@Timeout(60)
class GradientPoolTest {
  private static final String HASH = "right";

  private static final float[] VALUES = {1e8f, 3, -1e8f, 5, 1e7f, 7};

  /** An actor that keeps what it is told. */
  private record Probe<T>(ActorRef<T> ref, BlockingQueue<Object> told) {
    Object next() throws InterruptedException {
      Object message = told.poll(20, TimeUnit.SECONDS);
      assertNotNull(message, () -> ref + " is told nothing");
      return message;
    }
  }

  private final AtomicLong nanos = new AtomicLong();
  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return nanos.get();
        }

        @Override
        public long epochMillis() {
          return 0;
        }
      };

  private final LocalBlobStore blobs = new LocalBlobStore("here", 1 << 20);
  private ActorSystem<Void> system;
  private ActorRef<PoolCommand> pool;
  private Probe<PolicyLearnerCommand> learner;

  /** What the learner has added, in order. */
  private final List<Gradient> added = new ArrayList<>();

  @BeforeEach
  void start() {
    system =
        ActorSystem.create(
            Behaviors.empty(),
            "pool",
            ConfigFactory.parseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
                .withFallback(ConfigFactory.load()));
    pool = pool("pool", Long.MAX_VALUE);
    learner = probe("learner");
  }

  private ActorRef<PoolCommand> pool(String name, long heapBytes) {
    return system.systemActorOf(GradientPool.create(blobs, clock, heapBytes), name, Props.empty());
  }

  @AfterEach
  void stop() {
    system.terminate();
  }

  private <T> Probe<T> probe(String name) {
    BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    Behavior<Object> behavior =
        Behaviors.receive(Object.class)
            .onMessageEquals("die", Behaviors::stopped)
            .onAnyMessage(
                message -> {
                  told.add(message);
                  return Behaviors.same();
                })
            .build();
    return new Probe<>(system.systemActorOf(behavior, name, Props.empty()).unsafeUpcast(), told);
  }

  private Probe<WorkerCommand> worker(String name) {
    Probe<WorkerCommand> worker = probe(name);
    pool.tell(new PoolCommand.Ready(worker.ref()));
    return worker;
  }

  private void begin(int batches) {
    begin(batches, Optional.empty());
  }

  private void begin(int batches, Optional<NamedTensors> moved) {
    List<MicroBatch> all =
        IntStream.range(0, batches)
            .mapToObj(
                i ->
                    new MicroBatch(
                        i,
                        new GroupId(0, i),
                        0,
                        0,
                        1,
                        new Prompt(i, "p"),
                        new double[1],
                        new float[0],
                        1))
            .toList();
    List<BlobRef> refs = Collections.nCopies(batches, new BlobRef("here", 1, 1, 0));
    pool.tell(
        new PoolCommand.Begin(
            learner.ref(), Optional.of(new PoolCommand.Source(3, HASH, moved)), all, refs));
  }

  private static Gradient gradient(int index) {
    Tensor tensor = new Tensor(new long[] {1}, new float[] {VALUES[index]});
    return new Gradient(
        new NamedTensors(Map.of("w", tensor)),
        List.of(new LossTerms(index, 0, 0, 0, 0, 0, false, false)));
  }

  /** The learner adds what it is told, and is told this. */
  private Object learnerIsTold() throws InterruptedException {
    Object message = learner.next();
    while (message instanceof PolicyLearnerCommand.Add add) {
      added.add(add.gradient());
      message = learner.next();
    }
    return message;
  }

  /** The learner is asked for a micro-batch, which must be this one. */
  private void learnerGets(int index) throws InterruptedException {
    Object message = learnerIsTold();
    assertEquals(new PolicyLearnerCommand.Compute(index, added.size() == index), message);
  }

  /** It adds what it computed if all before are added. */
  private void learnerGives(int index) {
    if (added.size() == index) {
      added.add(gradient(index));
      pool.tell(new PoolCommand.LearnerDone(Optional.empty()));
    } else {
      pool.tell(new PoolCommand.LearnerDone(Optional.of(gradient(index))));
    }
  }

  private void learnerComputes(int index) throws InterruptedException {
    learnerGets(index);
    learnerGives(index);
  }

  private void learnerIsLeftAlone(String why) throws InterruptedException {
    assertNull(learner.told().poll(300, TimeUnit.MILLISECONDS), why);
  }

  private static WorkerCommand.Compute order(Probe<WorkerCommand> worker)
      throws InterruptedException {
    return assertInstanceOf(WorkerCommand.Compute.class, worker.next());
  }

  private PoolCommand.Computed result(
      Probe<WorkerCommand> worker, WorkerCommand.Compute order, String hash) {
    Gradient gradient = gradient(order.batch().group());
    return new PoolCommand.Computed(
        order.order(),
        worker.ref(),
        hash,
        blobs.put(Blobs.TENSORS, gradient.gradients()),
        gradient.terms());
  }

  private void assertSummed(int count, int remote) throws InterruptedException {
    PolicyLearnerCommand.Summed summed =
        assertInstanceOf(PolicyLearnerCommand.Summed.class, learnerIsTold());
    assertEquals(
        IntStream.range(0, count).mapToObj(i -> VALUES[i]).toList(),
        added.stream().map(g -> g.gradients().get("w").values()[0]).toList());
    assertEquals(
        IntStream.range(0, count).mapToObj(i -> (double) i).toList(),
        added.stream().map(g -> g.terms().get(0).loss()).toList());
    added.clear();
    assertEquals(remote, summed.remote());
    assertNull(learner.told().poll());
  }

  @Test
  void shouldGiveTheLearnerEverythingWhenThereAreNoWorkers() throws Exception {
    begin(4);
    for (int i = 0; i < 4; i++) {
      learnerComputes(i);
    }
    assertSummed(4, 0);
    begin(0);
    assertInstanceOf(PolicyLearnerCommand.Summed.class, learner.next());
  }

  @Test
  void shouldSumInTheOrderOfMicroBatchesWhateverComesFirst() throws Exception {
    Probe<WorkerCommand> slow = worker("slow");
    Probe<WorkerCommand> fast = worker("fast");
    begin(5);
    WorkerCommand.Compute first = order(slow);
    assertEquals(1, first.batch().group());
    for (int i = 2; i < 5; i++) {
      WorkerCommand.Compute order = order(fast);
      assertEquals(i, order.batch().group());
      assertEquals(Optional.empty(), order.weights());
      pool.tell(result(fast, order, HASH));
    }
    pool.tell(result(slow, first, HASH));
    learnerComputes(0);
    assertSummed(5, 4);
    assertEquals(0, blobs.held());
  }

  /** One gradient waits while the learner computes the one whose turn it is. */
  @Test
  void shouldComputeNoMoreInAdvanceThanTheHeapHolds() throws Exception {
    BlobRef one = blobs.put(Blobs.TENSORS, gradient(0).gradients());
    blobs.release(one);
    pool = pool("tight", one.length() + 1);
    Probe<WorkerCommand> worker = worker("worker");
    begin(6);
    for (int i = 0; i < 6; i += 2) {
      learnerGets(i);
      WorkerCommand.Compute order = order(worker);
      assertEquals(i + 1, order.batch().group());
      pool.tell(result(worker, order, HASH));
      assertNull(worker.told().poll(300, TimeUnit.MILLISECONDS), "its gradient would not fit");
      learnerGives(i);
    }
    assertSummed(6, 3);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldDropAResultThatComesTwice() throws Exception {
    Probe<WorkerCommand> worker = worker("worker");
    begin(4);
    WorkerCommand.Compute order = order(worker);
    PoolCommand.Computed result = result(worker, order, HASH);
    pool.tell(result);
    pool.tell(result);
    WorkerCommand.Compute next = order(worker);
    pool.tell(result);
    pool.tell(result(worker, next, HASH));
    WorkerCommand.Compute last = order(worker);
    pool.tell(result(worker, last, HASH));
    learnerComputes(0);
    assertSummed(4, 3);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldTakeBackWhatTakesTooLongAndDropItWhenItComesLate() throws Exception {
    Probe<WorkerCommand> worker = worker("worker");
    begin(3);
    WorkerCommand.Compute slow = order(worker);
    learnerComputes(0);
    learnerComputes(2);
    learnerIsLeftAlone("the worker still has time");
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    learnerGets(slow.batch().group());
    pool.tell(result(worker, slow, HASH));
    learnerGives(slow.batch().group());
    assertSummed(3, 0);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldUseWhatComesLateIfNobodyElseHasComputedIt() throws Exception {
    Probe<WorkerCommand> slow = worker("slow");
    begin(3);
    WorkerCommand.Compute order = order(slow);
    learnerComputes(0);
    learnerGets(2);
    Probe<WorkerCommand> other = worker("other");
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    WorkerCommand.Compute again = order(other);
    assertEquals(order.batch().group(), again.batch().group());
    pool.tell(result(slow, order, HASH));
    pool.tell(result(other, again, HASH));
    learnerGives(2);
    assertSummed(3, 1);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldRepeatAnOrderToWhoDoesNotKnowOfIt() throws Exception {
    Probe<WorkerCommand> worker = worker("worker");
    begin(2);
    WorkerCommand.Compute order = order(worker);
    pool.tell(new PoolCommand.Ready(worker.ref()));
    assertEquals(order, order(worker));
    pool.tell(result(worker, order, HASH));
    learnerComputes(0);
    assertSummed(2, 1);
  }

  @Test
  void shouldUseNoWorkerThatHoldsOtherWeights() throws Exception {
    Probe<WorkerCommand> liar = worker("liar");
    begin(3);
    pool.tell(result(liar, order(liar), "wrong"));
    pool.tell(new PoolCommand.Ready(liar.ref()));
    for (int i = 0; i < 3; i++) {
      learnerComputes(i);
    }
    assertSummed(3, 0);
    begin(2);
    learnerComputes(0);
    learnerComputes(1);
    assertSummed(2, 0);
    assertNull(liar.told().poll());
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldGiveWhatALostWorkerHadToAnother() throws Exception {
    Probe<WorkerCommand> lost = worker("lost");
    begin(2);
    assertEquals(1, order(lost).batch().group());
    Probe<WorkerCommand> other = worker("other");
    lost.ref().unsafeUpcast().tell("die");
    WorkerCommand.Compute again = order(other);
    assertEquals(1, again.batch().group());
    pool.tell(result(other, again, HASH));
    learnerComputes(0);
    assertSummed(2, 1);
  }

  @Test
  void shouldGiveWhatAWorkerCannotComputeToTheLearner() throws Exception {
    Probe<WorkerCommand> worker = worker("worker");
    begin(3);
    pool.tell(new PoolCommand.NotDone(order(worker).order(), worker.ref(), "no memory"));
    learnerComputes(0);
    learnerComputes(1);
    pool.tell(new PoolCommand.Ready(worker.ref()));
    learnerComputes(2);
    assertSummed(3, 0);
  }

  @Test
  void shouldGoOnWhenGradientsDoNotCome() throws Exception {
    Probe<WorkerCommand> worker = worker("worker");
    begin(2);
    WorkerCommand.Compute order = order(worker);
    PoolCommand.Computed result = result(worker, order, HASH);
    blobs.release(result.gradients());
    pool.tell(result);
    WorkerCommand.Compute again = order(worker);
    assertEquals(order.batch().group(), again.batch().group());
    pool.tell(result(worker, again, HASH));
    learnerComputes(0);
    assertSummed(2, 1);
  }

  @Test
  void shouldKeepWeightsWithinAStepForAsLongAsTheUpdate() throws Exception {
    NamedTensors moved = new NamedTensors(Map.of("w", new Tensor(new long[1], new float[0])));
    Probe<WorkerCommand> worker = worker("worker");
    begin(2, Optional.of(moved));
    WorkerCommand.Compute order = order(worker);
    BlobRef ref = order.weights().orElseThrow();
    assertEquals(moved, blobs.fetch(Blobs.TENSORS, ref).toCompletableFuture().join());
    pool.tell(result(worker, order, HASH));
    learnerComputes(0);
    assertSummed(2, 1);
    assertEquals(0, blobs.held());
  }

  @Test
  void shouldLeaveTheLearnerAloneWhereWeightsWithinAStepHaveNoRoom() throws Exception {
    NamedTensors large =
        new NamedTensors(
            Map.of("w", new Tensor(new long[] {1 << 18}, new float[1 << 18]))); // and a header
    Probe<WorkerCommand> worker = worker("worker");
    begin(2, Optional.of(large));
    learnerComputes(0);
    learnerComputes(1);
    assertSummed(2, 0);
    assertNull(worker.told().poll());
  }

  @Test
  void shouldSendNothingToALearnerThatComputes() throws Exception {
    Probe<WorkerCommand> worker = worker("worker");
    begin(3);
    WorkerCommand.Compute order = order(worker);
    learnerComputes(0);
    learnerGets(2);
    pool.tell(result(worker, order, HASH));
    learnerIsLeftAlone("it would pile up there");
    learnerGives(2);
    assertSummed(3, 1);
  }

  @Test
  void shouldHoldOnlySoManyGradientsThatCannotBeSummedYet() throws Exception {
    Probe<WorkerCommand> fast = worker("fast");
    begin(6 + 3);
    for (int i = 1; i < 6; i++) {
      pool.tell(result(fast, order(fast), HASH));
    }
    assertNull(fast.told().poll(300, TimeUnit.MILLISECONDS), "the learner still has the first");
    learnerComputes(0);
    order(fast);
  }
}
