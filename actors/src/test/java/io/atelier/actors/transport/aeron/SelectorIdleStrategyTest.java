package io.atelier.actors.transport.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.port.Clock;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SelectorIdleStrategyTest {

  /** More than it takes until a rest is as long as it gets. */
  private static final int TURNS = 23;

  private static final int TIMES = 20;
  private static final long LONGEST_MILLIS = 64;

  private final SelectorIdleStrategy idleStrategy = new SelectorIdleStrategy();

  @AfterEach
  void close() {
    idleStrategy.close();
  }

  private void rested() {
    idleStrategy.reset();
    for (int i = 0; i < TURNS; i++) {
      idleStrategy.idle(0);
    }
  }

  private static long millis(Runnable work) {
    Clock clock = Clock.system();
    long start = clock.nanos();
    work.run();
    return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - start);
  }

  /** What one of the longest rests takes: the median, whatever else the machine does meanwhile. */
  private long restMillis(Runnable before) {
    rested();
    return median(
        () -> {
          before.run();
          idleStrategy.idle(0);
        });
  }

  private static long median(Runnable work) {
    long[] each = LongStream.generate(() -> millis(work)).limit(TIMES).sorted().toArray();
    return each[TIMES / 2];
  }

  @Test
  void shouldRestLongerTheLongerThereIsNothingToDo() {
    long last = restMillis(() -> {});
    assertTrue(last >= LONGEST_MILLIS, last + " ms");
    long first =
        median(
            () -> {
              idleStrategy.idle(1);
              for (int i = 0; i < 15; i++) {
                idleStrategy.idle(0);
              }
            });
    assertTrue(first < LONGEST_MILLIS, "turns before the first rest took ms: " + first);
  }

  @Test
  void shouldEndWhenSomebodyWakesIt() {
    long each = restMillis(idleStrategy::wake);
    assertTrue(each < LONGEST_MILLIS / 2, each + " ms each");
  }

  @Test
  void shouldEndWhenSomethingComesInUntilThatIsTaken() throws Exception {
    try (DatagramChannel socket =
            DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        DatagramChannel other = DatagramChannel.open()) {
      socket.configureBlocking(false);
      idleStrategy.watch(socket);
      other.send(ByteBuffer.allocate(1), socket.getLocalAddress());
      long each = restMillis(() -> {});
      assertTrue(each < LONGEST_MILLIS / 2, each + " ms each");
      ByteBuffer taken = ByteBuffer.allocate(1);
      socket.receive(taken);
      assertEquals(1, taken.position());
      long quiet = restMillis(() -> {});
      assertTrue(quiet >= LONGEST_MILLIS, quiet + " ms each");
    }
  }

  @Test
  void shouldLetGoOfASocketThatIsClosed() throws Exception {
    DatagramChannel socket = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    socket.configureBlocking(false);
    idleStrategy.watch(socket);
    try (DatagramChannel other = DatagramChannel.open()) {
      other.send(ByteBuffer.allocate(1), socket.getLocalAddress());
    }
    socket.close();
    long each = restMillis(() -> {});
    assertTrue(each >= LONGEST_MILLIS, each + " ms each");
  }
}
