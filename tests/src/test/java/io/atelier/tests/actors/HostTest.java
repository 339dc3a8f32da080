package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Weights;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.LocalTransport;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.worker.Host;
import io.atelier.actors.worker.HostSetup;
import io.atelier.rollout.Generator;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.tests.toy.Latches;
import io.atelier.tests.toy.ToyGenerator;
import io.atelier.tests.toy.ToyGradients;
import io.atelier.tests.toy.ToyRun;
import io.atelier.tests.toy.ToyScorer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host whose conductor is played by the test. */
@Timeout(60)
class HostTest {
  private static final WorkerId ROLLOUT = new WorkerId(Role.ROLLOUT, "rollout-0", 0, "local");
  private static final WorkerId REWARD = new WorkerId(Role.REWARD, "reward-0", 0, "local");

  private final ActorTestKit kit =
      ActorTestKit.create(
          "host",
          ConfigFactory.parseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
              .withFallback(ConfigFactory.load()));
  private final TestProbe<ConductorCommand> conductor = kit.createTestProbe();
  private final Semaphore generators = new Semaphore(0);
  private final Semaphore scorers = new Semaphore(0);
  private final BlockingQueue<RuntimeException> failures = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> hung = new LinkedBlockingQueue<>();
  private final HostSetup.Listener listener =
      new HostSetup.Listener() {
        @Override
        public void onWorkerFailed(RuntimeException error) {
          failures.add(error);
        }

        @Override
        public void onHung(String reason) {
          hung.add(reason);
        }
      };

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void shouldMakeWhatItComputesWithBeforeThereIsAConductor() throws InterruptedException {
    ActorRef<HostCommand> host = host(ToyGenerator::new);
    await(generators);
    await(scorers);

    employ(host);
    assertEquals(Set.of(ROLLOUT, REWARD), joined());
    assertEquals(0, generators.availablePermits(), "made twice");
    assertEquals(0, scorers.availablePermits(), "made twice");
  }

  @Test
  void shouldMakeAgainForAConductorWhatFailedBeforeThereWasOne() throws InterruptedException {
    ActorRef<HostCommand> host =
        host(
            () -> {
              if (failures.isEmpty()) {
                throw new IllegalStateException("no memory for the model");
              }
              return new ToyGenerator();
            });
    await(generators);
    RuntimeException failure = failures.poll(20, TimeUnit.SECONDS);
    assertNotNull(failure, "no failure");
    assertEquals("no memory for the model", failure.getMessage());
    failures.add(failure);

    employ(host);
    assertEquals(Set.of(ROLLOUT, REWARD), joined());
    await(generators);
    assertEquals(1, failures.size());
  }

  /** Draws nothing until it is let go. */
  private ActorRef<HostCommand> hanging(CountDownLatch hangs, CountDownLatch letGo) {
    return host(
        () ->
            new ToyGenerator() {
              @Override
              public Sampled sample(GroupId id, Prompt prompt) {
                hangs.countDown();
                Latches.await(letGo);
                return super.sample(id, prompt);
              }
            });
  }

  private void hang(ActorRef<HostCommand> host, CountDownLatch hangs) {
    employ(host);
    ActorRef<WorkerCommand> worker =
        awaitSeats(seats -> seats.size() == 2).stream()
            .filter(seat -> seat.worker().id().equals(ROLLOUT))
            .findFirst()
            .orElseThrow()
            .ref();
    worker.tell(
        new WorkerCommand.Generate(7, new GroupId(0, 0), new Prompt(0, "a red square", "")));
    Latches.await(hangs);
    WorkerState working = new WorkerState(ROLLOUT, 7, true);
    awaitSeats(seats -> seats.stream().anyMatch(seat -> seat.worker().equals(working)));
    host.tell(new HostCommand.Replace(ROLLOUT, "has not answered"));
  }

  @Test
  void shouldSayThatAWorkerHangsAndNotMakeAnotherBesideIt() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    ActorRef<HostCommand> host = hanging(hangs, letGo);
    hang(host, hangs);
    await(generators);
    String reason = hung.poll(20, TimeUnit.SECONDS);
    assertEquals(
        "rollout-0 hangs: it has not answered, and did not end within 1 s of being stopped",
        reason);
    assertEquals(0, generators.availablePermits(), "a second model");
    awaitSeats(seats -> ids(seats).equals(Set.of(REWARD)));
    letGo.countDown();
  }

  @Test
  void shouldMakeAnotherOnceAWorkerHasEnded() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    hang(hanging(hangs, letGo), hangs);
    await(generators);
    awaitSeats(seats -> ids(seats).equals(Set.of(REWARD)));
    letGo.countDown();
    await(generators);
    assertEquals(Set.of(new WorkerId(Role.ROLLOUT, "rollout-0", 1, "local"), REWARD), joined());
    assertEquals(List.of(), List.copyOf(hung));
  }

  /** A device that comes back from a hang says so by an exception. */
  @Test
  void shouldMakeAnotherOnceAWorkerThatHungHasFailed() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    hang(
        host(
            () ->
                new ToyGenerator() {
                  @Override
                  public Sampled sample(GroupId id, Prompt prompt) {
                    hangs.countDown();
                    Latches.await(letGo);
                    throw new IllegalStateException("CUDA error: launch timed out");
                  }
                }),
        hangs);
    await(generators);
    letGo.countDown();
    await(generators);
    assertEquals(Set.of(new WorkerId(Role.ROLLOUT, "rollout-0", 1, "local"), REWARD), joined());
    assertEquals(List.of(), List.copyOf(hung));
  }

  private ActorRef<HostCommand> host(Supplier<Generator> generator) {
    LocalTransport transport = new LocalTransport(1 << 20);
    transport.publish(Weights.POLICY, 1, 1);
    transport.publish(Weights.CRITIC, 1, 1);
    HostSetup tools =
        new HostSetup(
            1,
            1,
            1,
            new HostSetup.GradientWorkers(0, ToyGradients::new, false),
            Optional.empty(),
            "",
            ToyRun.identity("toy"),
            "toys",
            Duration.ofMillis(20),
            transport,
            counted(generators, generator),
            counted(scorers, ToyScorer::new),
            0,
            Clock.system(),
            listener);
    return kit.spawn(Host.create(tools));
  }

  /** Counts the calls. */
  private static <T> Supplier<T> counted(Semaphore calls, Supplier<T> maker) {
    return () -> {
      calls.release();
      return maker.get();
    };
  }

  private static void await(Semaphore calls) throws InterruptedException {
    assertTrue(calls.tryAcquire(20, TimeUnit.SECONDS), "nothing is made");
  }

  private void employ(ActorRef<HostCommand> host) {
    host.tell(new HostCommand.Found(Set.of(conductor.ref())));
    conductor.expectMessageClass(ConductorCommand.NodeJoined.class);
    host.tell(new HostCommand.Welcome(conductor.ref(), 1, "leader", RunKey.fresh()));
  }

  /** The workers of the first heartbeat that has two. */
  private Set<WorkerId> joined() {
    return ids(awaitSeats(seats -> seats.size() == 2));
  }

  private static Set<WorkerId> ids(List<ConductorCommand.Seat> seats) {
    return seats.stream().map(seat -> seat.worker().id()).collect(Collectors.toSet());
  }

  /** The workers of the next heartbeat that is as wanted. */
  private List<ConductorCommand.Seat> awaitSeats(Predicate<List<ConductorCommand.Seat>> wanted) {
    while (true) {
      ConductorCommand told = conductor.receiveMessage();
      if (told instanceof ConductorCommand.NodeBeat beat) {
        if (wanted.test(beat.seats())) {
          return beat.seats();
        }
      } else if (!(told instanceof ConductorCommand.Happened)) {
        // the offer once more if it was not yet taken
        assertInstanceOf(ConductorCommand.NodeJoined.class, told);
      }
    }
  }
}
