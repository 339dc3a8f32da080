package io.atelier.tests.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.atelier.actors.Conductor;
import io.atelier.actors.RolloutWorker;
import io.atelier.actors.WireMessage;
import io.atelier.actors.ledger.Role;
import io.atelier.actors.ledger.WorkerId;
import io.atelier.actors.protocol.KryoSerializer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes that understand each other, a third that they do not, and a socket that is no node. */
class RemoteMessagesTest {

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
    TestProbe<Conductor.Command> conductor = conductors.kit().createTestProbe();
    TestProbe<RolloutWorker.Command> worker = workers.kit().createTestProbe();
    WorkerId id = new WorkerId(Role.ROLLOUT, "rollout-0", 0, "b");
    workers.reach(conductors, conductor.ref()).tell(new Conductor.RolloutJoined(id, worker.ref()));

    Conductor.RolloutJoined joined = conductor.expectMessageClass(Conductor.RolloutJoined.class);
    assertEquals(id, joined.worker());
    assertEquals(workers.address(), joined.ref().path().address());
    joined.ref().tell(new RolloutWorker.Load(order, 7));
    worker.expectMessage(new RolloutWorker.Load(order, 7));
  }

  @Test
  void shouldSayWhereAFrameOfAnotherVersionCameFrom() throws InterruptedException {
    refuse(
        new ForeignSerializer.Frame("atelier/2", new byte[] {1}),
        "the sender speaks \"atelier/2\" and this node \"atelier/1\"");
  }

  @Test
  void shouldSayWhereAMalformedFrameCameFrom() throws InterruptedException {
    refuse(
        new ForeignSerializer.Frame("atelier/1", new byte[] {90}),
        "type id 90 is unknown, where a io.atelier.actors.WireMessage was expected");
  }

  private static void refuse(WireMessage frame, String why) throws InterruptedException {
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
      System.out.println("XXX " + line);
      assertTrue(line.contains("[" + foreign.address() + "]"), line);
      assertTrue(line.contains(why), line);
      conductor.expectNoMessage(java.time.Duration.ZERO);
    }
    assertEquals(before + 1, KryoSerializer.of(conductors.kit().system()).refusedFrames());
    exchange(2);
  }

  @Test
  void shouldNotBeDisturbedByASocketThatIsNoNode() throws IOException {
    Random random = new Random(5);
    try (LogLines log = new LogLines()) {
      for (int i = 0; i < 20; i++) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), conductors.port())) {
          byte[] garbage = new byte[4096];
          random.nextBytes(garbage);
          if (i >= 10) {
            garbage = new byte[] {65, 75, 75, 65, (byte) (i % 5), 20, 0, 0, 0, 1, 2, 3};
          }

          socket.getOutputStream().write(garbage);
          socket.shutdownOutput();
          System.out.println("XXX read " + i + " " + socket.getInputStream().read());
        } catch (IOException e) {
          System.out.println("XXX " + i + e);
        }
      }
      exchange(3);
      while (true) {
        String l = log.await(x -> true);
        System.out.println("XXX " + l);
      }
    } catch (InterruptedException e) {
    }
  }
}
