package io.atelier.tests.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.Schedule;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.ledger.state.LedgerConfig.OnUnscorable;
import io.atelier.actors.ledger.state.LedgerStatus;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.RunStatus;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.tests.toy.Limits;
import io.atelier.tests.toy.TestClock;
import io.atelier.tests.toy.ToyRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A week of nodes that come, fall silent and never come back under their name. */
@Timeout(120)
class NodeLivesTest {

  private static final int TOGETHER = 50;
  private static final int WORKERS = 32;

  private final TestClock clock = new TestClock();
  private final ToyRun run = new ToyRun(Schedule.sync(), 1);
  private int lives;

  @Test
  void shouldForgetNodesThatAreLostForLong() throws Exception {
    run.clock = clock;
    run.paused = true; // the run lasts as long as the test
    run.ledger =
        Limits.with(
            run.ledger,
            Limits.of(Duration.ofHours(1), Duration.ofMinutes(15), 1, OnUnscorable.REPLACE));
    run.start();
    clock.advance(0); // it looks at the clock, so it is there
    live(300);
    long early = heap();
    live(1_200);
    long late = heap();

    assertEquals(1_500, lives);
    RunStatus status = run.ask(ConductorCommand.Ask::new);
    List<String> names = status.ledger().nodes().stream().map(LedgerStatus.Node::name).toList();
    assertTrue(names.size() <= 51, names::toString);
    assertTrue(status.addresses().size() <= TOGETHER + 1, status.addresses()::toString);
    assertTrue(status.computing().size() <= TOGETHER + 1, status.computing()::toString);
    assertTrue(
        status.ledger().workers().size() <= TOGETHER * WORKERS + 3,
        () -> status.ledger().workers().size() + " workers");
    long perLife = (late - early) / 1_200;
    assertTrue(perLife < 500, () -> perLife + " bytes of heap stay of each life");
    run.stop(true);
    run.await();
  }

  private void live(int more) throws InterruptedException {
    for (int end = lives + more; lives < end; lives += TOGETHER) {
      List<ActorRef<HostCommand>> hosts = new ArrayList<>();
      for (int i = 0; i < TOGETHER; i++) {
        hosts.add(join("node-" + (lives + i)));
      }
      assertEquals(TOGETHER, present());
      for (int i = 0; i < 60; i++) { // minutes: node-silence is 10, forgotten after 15 more
        clock.advance(60, () -> true);
        run.tell(ConductorCommand.Tick.INSTANCE);
        run.<RunStatus.Done>ask(
            answer -> new ConductorCommand.Pause(true, answer)); // it has seen it
      }
      assertEquals(0, present());
      hosts.forEach(host -> host.tell(new HostCommand.Drain(0)));
      run.forgetReports();
    }
  }

  private ActorRef<HostCommand> join(String node) {
    ActorRef<Object> actor =
        run.spawn(
            Behaviors.receiveMessage(
                told -> told instanceof HostCommand.Drain ? Behaviors.stopped() : Behaviors.same()),
            node);
    ActorRef<HostCommand> host = actor.narrow();
    ActorRef<WorkerCommand> worker = actor.narrow();
    run.tell(
        new ConductorCommand.NodeJoined(
            node, List.of(Role.ROLLOUT), ToyRun.identity("toy"), "toys", 1 << 20, host));
    List<ConductorCommand.Seat> seats =
        IntStream.range(0, WORKERS)
            .mapToObj(i -> new WorkerId(Role.ROLLOUT, node + "-rollout-" + i, 0, node))
            .map(id -> new ConductorCommand.Seat(new WorkerState(id, 0, true), worker))
            .toList();
    run.tell(new ConductorCommand.NodeBeat(node, 1, seats, List.of(), host));
    return host;
  }

  /** Nodes that a test plays and that are there. */
  private long present() {
    RunStatus status = run.ask(ConductorCommand.Ask::new);
    return status.ledger().nodes().stream()
        .filter(node -> node.name().startsWith("node-") && !node.gone())
        .count();
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
