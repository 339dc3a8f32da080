package io.atelier.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.Evaluation;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.PoolCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.transport.blob.LocalBlobStore;
import io.atelier.actors.transport.weights.LocalWeightStream;
import io.atelier.actors.worker.Evaluator;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool of evaluators whose other nodes are played by the test. */
@Timeout(60)
class EvaluatorPoolTest {
  private static final Duration FOR_EVER = Duration.ofHours(1);
  private static final String OWN = "done here";

  private final LocalBlobStore blobs = new LocalBlobStore("here", 1 << 20);
  private final LocalWeightStream<NamedTensors> policy = new LocalWeightStream<>("policy", 3);
  private final ActorTestKit kit =
      ActorTestKit.create(
          ConfigFactory.parseString(
                  "akka.loglevel = OFF, akka.stdout-loglevel = OFF,"
                      + " akka.actor.testkit.typed.single-expect-default = 20s")
              .withFallback(ConfigFactory.load()));
  private final TestProbe<ConductorCommand> conductor = kit.createTestProbe();
  private Supplier<Evaluation> evaluation = () -> new Toy(OWN);
  private ActorRef<PoolCommand> pool;

  /** Says who did it. */
  private record Toy(String name) implements Evaluation {
    @Override
    public EvaluationReport.Result evaluate(int step, NamedTensors weights) {
      return new EvaluationReport.Result(
          Map.of(name, step + .5),
          new Images(1, 1, 2, new byte[] {1, 2, 3, 4, 5, 6}),
          List.of(new Prompt(7, "a toy")));
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void publish() {
    policy.publish(0, new NamedTensors(Map.of()));
    policy.publish(4, new NamedTensors(Map.of()));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private void start(Duration patience) {
    pool =
        kit.spawn(
            EvaluatorPool.create(
                new EvaluatorPool.Tools(
                    conductor.ref(),
                    policy,
                    blobs,
                    Evaluator.create(
                        new Evaluator.Tools(blobs, () -> evaluation.get(), Clock.system())),
                    patience)));
  }

  private TestProbe<WorkerCommand> other() {
    TestProbe<WorkerCommand> other = kit.createTestProbe();
    pool.tell(new PoolCommand.Ready(other.ref()));
    return other;
  }

  /** An evaluator is told to evaluate a step; returns the number of the order. */
  private long assertAsked(TestProbe<WorkerCommand> other, int step) {
    WorkerCommand.Evaluate order = other.expectMessageClass(WorkerCommand.Evaluate.class);
    assertEquals(new WorkerCommand.Evaluate(order.order(), step, "hash " + step, pool), order);
    return order.order();
  }

  private BlobRef report(String who, int step) {
    return blobs.put(
        Blobs.EVALUATION,
        new EvaluationReport(step, "hash " + step, new Toy(who).evaluate(step, null), 1));
  }

  /** The conductor is told of one evaluation, by {@code who}; its own evaluator also greets it. */
  private void assertEvaluated(String who, int step) {
    ConductorCommand told = conductor.receiveMessage();
    while (told instanceof ConductorCommand.PoolWorkerReady ready) {
      pool.tell(new PoolCommand.Ready(ready.worker()));
      told = conductor.receiveMessage();
    }
    EvaluationReport report = assertInstanceOf(ConductorCommand.Evaluated.class, told).report();
    assertEquals(step, report.step());
    assertEquals("hash " + step, report.policyHash());
    assertEquals(Map.of(who, step + .5), report.result().metrics());
    assertEquals(0, blobs.held());
  }

  private void evaluate(int step) {
    evaluate(step, 1);
  }

  private void evaluate(int step, int attempt) {
    pool.tell(new PoolCommand.Evaluate(step, attempt, "hash " + step));
  }

  /** The conductor is told that an attempt failed; returns why. */
  private String assertNotEvaluated(int step, int attempt) {
    ConductorCommand told = conductor.receiveMessage();
    while (told instanceof ConductorCommand.PoolWorkerReady ready) {
      pool.tell(new PoolCommand.Ready(ready.worker()));
      told = conductor.receiveMessage();
    }
    Event event = assertInstanceOf(ConductorCommand.Happened.class, told).event();
    Event.NotEvaluated failed = assertInstanceOf(Event.NotEvaluated.class, event);
    assertEquals(step, failed.step());
    assertEquals(attempt, failed.attempt());
    return failed.reason();
  }

  /** An evaluation that says when it begins and does not end before it is let go. */
  private static Evaluation hanging(String name, Semaphore begun, CountDownLatch letGo) {
    return new Evaluation() {
      @Override
      public EvaluationReport.Result evaluate(int step, NamedTensors weights) {
        begun.release();
        try {
          letGo.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return new Toy(name).evaluate(step, weights);
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void shouldEvaluateItselfWhereNobodyElseComes() {
    start(Duration.ZERO);
    evaluate(0);
    assertEvaluated(OWN, 0);
    evaluate(4);
    assertEvaluated(OWN, 4);
  }

  @Test
  void shouldWaitForANodeThatIsThereForItAtFirstOnly() {
    start(Duration.ofMillis(50));
    evaluate(0);
    assertEvaluated(OWN, 0);
    TestProbe<WorkerCommand> other = other();
    evaluate(4);
    long order = assertAsked(other, 4);
    pool.tell(new PoolCommand.Evaluated(order, other.ref(), report("far", 4)));
    assertEvaluated("far", 4);
  }

  @Test
  void shouldGiveItToANodeThatComes() {
    start(FOR_EVER);
    evaluate(0);
    TestProbe<WorkerCommand> other = other();
    pool.tell(new PoolCommand.Ready(other.ref())); // said before it heard of its work
    assertAsked(other, 0);
    long order = assertAsked(other, 0);
    PoolCommand.Evaluated done = new PoolCommand.Evaluated(order, other.ref(), report("far", 0));
    pool.tell(done);
    pool.tell(done); // said twice, since it was asked twice
    assertEvaluated("far", 0);
    pool.tell(done); // twice
    evaluate(4);
    assertAsked(other, 4);
    other.expectNoMessage(Duration.ofMillis(100));
    conductor.expectNoMessage(Duration.ofMillis(100));
  }

  @Test
  void shouldDoAgainElsewhereWhatIsLostWithANode() {
    start(Duration.ofMillis(10));
    TestProbe<WorkerCommand> lost = other();
    TestProbe<WorkerCommand> next = other();
    evaluate(0);
    long order = assertAsked(lost, 0);
    lost.stop();
    assertAsked(next, 0);
    pool.tell(new PoolCommand.Evaluated(order, lost.ref(), report("lost", 0))); // late
    next.stop();
    assertEvaluated(OWN, 0);
  }

  @Test
  void shouldSayWhatANodeCannotAndGiveItToAnotherWhenAskedAgain() {
    start(Duration.ofMillis(10));
    TestProbe<WorkerCommand> other = other();
    evaluate(0);
    long order = assertAsked(other, 0);
    pool.tell(new PoolCommand.NotDone(order, other.ref(), "no memory"));
    String reason = assertNotEvaluated(0, 1);
    assertTrue(reason.endsWith(": no memory"), reason);
    evaluate(0, 2);
    assertEvaluated(OWN, 0);
    pool.tell(new PoolCommand.Ready(other.ref()));
    evaluate(4);
    order = assertAsked(other, 4);
    BlobRef gone = report("far", 4);
    blobs.release(gone);
    pool.tell(new PoolCommand.Evaluated(order, other.ref(), gone));
    reason = assertNotEvaluated(4, 1);
    assertTrue(reason.contains("its result did not come: "), reason);
  }

  @Test
  void shouldAskAgainWhenTheRequestOrTheAnswerIsLost() {
    start(FOR_EVER);
    TestProbe<WorkerCommand> other = other();
    evaluate(0);
    assertAsked(other, 0);
    pool.tell(new PoolCommand.Ready(other.ref())); // it would not say so if it were at work
    long order = assertAsked(other, 0);
    pool.tell(new PoolCommand.Evaluated(order, other.ref(), report("far", 0)));
    assertEvaluated("far", 0);
  }

  @Test
  void shouldSayThatItsOwnEvaluatorFailsAndGoOnWithAnother() {
    AtomicInteger made = new AtomicInteger();
    evaluation =
        () -> {
          if (made.incrementAndGet() == 1) {
            throw new IllegalStateException("no encoder");
          }
          return new Toy(OWN);
        };
    start(Duration.ZERO);
    evaluate(0);
    String reason = assertNotEvaluated(0, 1);
    assertTrue(reason.contains("no encoder"), reason);
    evaluate(0, 2);
    assertEvaluated(OWN, 0);
    assertEquals(2, made.get());
  }

  @Test
  void shouldReplaceAnEvaluatorThatHangsButNotForEver() throws Exception {
    Semaphore begun = new Semaphore(0);
    CountDownLatch letGo = new CountDownLatch(1);
    evaluation = () -> hanging("late", begun, letGo);
    start(Duration.ZERO);
    evaluate(0);
    begun.acquire();
    evaluate(0, 2); // nobody said anything about the first
    begun.acquire();
    evaluate(4);
    String reason = assertNotEvaluated(4, 1);
    assertEquals("2 evaluators of this node have not come back", reason);
    TestProbe<WorkerCommand> other = other();
    evaluate(4, 2);
    long order = assertAsked(other, 4);
    pool.tell(new PoolCommand.Evaluated(order, other.ref(), report("far", 4)));
    assertEvaluated("far", 4);
    letGo.countDown(); // what they say of step 0 is wanted no more
    conductor.expectNoMessage(Duration.ofMillis(200));
    conductor.awaitAssert(
        () -> {
          assertEquals(0, blobs.held());
          return null;
        });
  }

  @Test
  void shouldTakeALateOutcomeThatIsStillWanted() throws Exception {
    Semaphore begun = new Semaphore(0);
    CountDownLatch letGo = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger made = new AtomicInteger();
    evaluation =
        () ->
            made.incrementAndGet() == 1
                ? hanging("slow", begun, letGo)
                : hanging("never", begun, never);
    start(Duration.ZERO);
    evaluate(0);
    begun.acquire();
    evaluate(0, 2);
    begun.acquire();
    letGo.countDown();
    assertEvaluated("slow", 0);
    never.countDown();
  }
}
