package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.ledger.Role;
import io.atelier.actors.ledger.Weights;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.port.Clock;
import io.atelier.actors.port.LocalTransport;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.worker.Host;
import io.atelier.actors.worker.HostSetup;
import io.atelier.rollout.Generator;
import io.atelier.tests.toy.ToyGenerator;
import io.atelier.tests.toy.ToyGradients;
import io.atelier.tests.toy.ToyRun;
import io.atelier.tests.toy.ToyScorer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
    assertEquals(Set.of(ROLLOUT, REWARD), Set.of(joined(), joined()));
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
    assertEquals(Set.of(ROLLOUT, REWARD), Set.of(joined(), joined()));
    await(generators);
    assertEquals(1, failures.size());
  }

  private ActorRef<HostCommand> host(Supplier<Generator> generator) {
    LocalTransport transport = new LocalTransport(1 << 20);
    transport.publish(Weights.POLICY, 1, 1);
    transport.publish(Weights.CRITIC, 1, 1);
    HostSetup tools =
        new HostSetup(
            1,
            1,
            0,
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
            failures::add);
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

  /** The next worker that joins. */
  private WorkerId joined() {
    while (true) {
      ConductorCommand told = conductor.receiveMessage();
      if (told instanceof ConductorCommand.RolloutJoined rollout) {
        return rollout.worker();
      }
      if (told instanceof ConductorCommand.RewardJoined reward) {
        return reward.worker();
      }
      // signs of life, and the offer once more if it was not yet taken
      if (!(told instanceof ConductorCommand.NodeJoined)) {
        assertInstanceOf(ConductorCommand.Happened.class, told);
      }
    }
  }
}
