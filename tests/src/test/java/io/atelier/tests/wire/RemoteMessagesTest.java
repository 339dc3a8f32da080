package io.atelier.tests.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.atelier.actors.ledger.model.Role;
import io.atelier.actors.ledger.model.WorkerId;
import io.atelier.actors.ledger.model.WorkerState;
import io.atelier.actors.protocol.ConductorCommand;
import io.atelier.actors.protocol.HostCommand;
import io.atelier.actors.protocol.WireMessage;
import io.atelier.actors.protocol.WorkerCommand;
import io.atelier.actors.wire.KryoSerializer;
import io.atelier.actors.wire.WireTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes that understand each other, a third that they do not, and a socket that is no node. */
class RemoteMessagesTest {

  /** More than the restarts of inbound streams after which Akka ends an actor system. */
  private static final int SOCKETS = 20;

  private static Node conductors;
  private static Node workers;

  @BeforeAll
  static void start() {
    conductors = Node.start("cluster", "");
    workers = Node.start("cluster", "");
  }

  @AfterAll
  static void stop() {
    workers.close();
    conductors.close();
  }

  @Test
  void shouldExchangeMessagesThatNameActors() {
    exchange(1);
  }

  private static void exchange(long order) {
    TestProbe<ConductorCommand> conductor = conductors.kit().createTestProbe();
    TestProbe<HostCommand> host = workers.kit().createTestProbe();
    TestProbe<WorkerCommand> worker = workers.kit().createTestProbe();
    WorkerState state = new WorkerState(new WorkerId(Role.ROLLOUT, "rollout-0", 0, "b"), 3, true);
    workers
        .reach(conductors, conductor.ref())
        .tell(
            new ConductorCommand.NodeBeat(
                "b",
                5,
                List.of(new ConductorCommand.Seat(state, worker.ref())),
                List.of(),
                host.ref()));

    ConductorCommand.NodeBeat beat = conductor.expectMessageClass(ConductorCommand.NodeBeat.class);
    ConductorCommand.Seat seat = beat.seats().get(0);
    assertEquals(state, seat.worker());
    assertEquals(workers.address(), seat.ref().path().address());
    seat.ref().tell(new WorkerCommand.Load(order, 7));
    worker.expectMessage(new WorkerCommand.Load(order, 7));
  }

  @Test
  void shouldSayWhereAFrameOfAnotherVersionCameFrom() {
    refuse(
        new ForeignSerializer.Frame("atelier/" + (WireTypes.VERSION + 1), new byte[] {1}),
        "the sender speaks \"atelier/%d\" and this node \"atelier/%d\""
            .formatted(WireTypes.VERSION + 1, WireTypes.VERSION));
  }

  @Test
  void shouldSayWhereAMalformedFrameCameFrom() {
    refuse(
        new ForeignSerializer.Frame("atelier/" + WireTypes.VERSION, new byte[] {90}),
        "type id 90 is unknown, where a io.atelier.actors.protocol.WireMessage was expected");
  }

  private static void refuse(WireMessage frame, String why) {
    TestProbe<WireMessage> conductor = conductors.kit().createTestProbe();
    long before = KryoSerializer.of(conductors.kit().system()).refusedFrames();
    try (Node foreign =
            Node.start(
                "cluster",
                "akka.actor.serializers.atelier = " + ForeignSerializer.class.getName());
        LogLines log = new LogLines()) {
      ActorRef<WireMessage> ref = foreign.reach(conductors, conductor.ref());
      ref.tell(frame);
      String line = log.await(l -> l.contains("Failed to deserialize message"));
      assertTrue(line.contains("[" + foreign.address() + "]"), line);
      assertTrue(line.contains(why), line);
      conductor.expectNoMessage(Duration.ZERO);
    }
    assertEquals(before + 1, KryoSerializer.of(conductors.kit().system()).refusedFrames());
    exchange(2);
  }

  @Test
  void shouldCutASocketThatIsNoNodeAndSayWhereItCameFrom() throws IOException {
    long seed = 5;
    System.out.println("garbage from seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < SOCKETS; i++) {
      byte[] garbage = new byte[1 + random.nextInt(4096)];
      random.nextBytes(garbage);
      cut(garbage);
    }
    cut("GET / HTTP/1.1\r\nHost: atelier\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    exchange(3);
  }

  private static void cut(byte[] garbage) throws IOException {
    try (LogLines log = new LogLines();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), conductors.port())) {
      socket.getOutputStream().write(garbage);
      socket.shutdownOutput();
      String from = "from 127.0.0.1:" + socket.getLocalPort();
      log.await(line -> line.startsWith("Aborting connection " + from));
    }
  }
}
