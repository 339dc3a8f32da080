package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A version reaches a host once, and many hosts by each other. */
class RelayTest {
  private static final int SIZE = 4_000_000;

  private final Planes planes = new Planes();
  private final DataPlane learner = planes.start(Planes.onHost(1));
  private final WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
  private final List<DataPlane> workers = new ArrayList<>();
  private final List<WeightStream<byte[]>> received = new ArrayList<>();
  private final AtomicLong last = new AtomicLong(-1);

  /** What the last version is, in an array of its own. */
  private byte[] newest;

  @BeforeEach
  void needsMemory() {
    assumeTrue(Files.isWritable(Path.of("/dev/shm")), "this machine has no /dev/shm");
  }

  @AfterEach
  void close() {
    planes.close();
  }

  private void follow(DataPlane worker) {
    workers.add(worker);
    received.add(worker.receiver("policy", learner.node(), Bytes.CODEC));
  }

  private void publish() {
    long version = last.incrementAndGet();
    stream.retire(version - 3);
    newest = Bytes.random(SIZE, version);
    stream.publish(version, newest.clone());
  }

  /** Publishes a version, and checks that everybody gets it. */
  private void publishToAll() {
    publish();
    received.forEach(this::requireNewest);
  }

  private void requireNewest(WeightStream<byte[]> worker) {
    Bytes.assertSame(newest, worker.fetch(last.get()).toCompletableFuture().join());
  }

  private long count(String counter) {
    return workers.stream().mapToLong(plane -> plane.counters().get(counter)).sum();
  }

  /** Publishes until two versions in a row come so often from the publisher, a relay, a slot. */
  private void untilEachComes(int fromPublisher, int fromRelay, int fromSlot) {
    List<String> counters =
        List.of("versions-from-publisher", "versions-from-relay", "versions-from-slot");
    List<Long> expected = List.of(2L * fromPublisher, 2L * fromRelay, 2L * fromSlot);
    Eventually.holds(
        () -> {
          List<Long> before = counters.stream().map(this::count).toList();
          publishToAll();
          publishToAll();
          List<Long> now = counters.stream().map(this::count).toList();
          return IntStream.range(0, counters.size())
              .allMatch(i -> now.get(i) - before.get(i) == expected.get(i));
        });
  }

  @Test
  void shouldReceiveOnceForAHost() {
    for (int i = 0; i < 4; i++) {
      follow(planes.start(Planes.onHost(2)));
    }
    untilEachComes(1, 0, 3);
    long received = count("received-bytes");
    long sent = learner.counters().get("sent-bytes");
    publishToAll();
    assertTrue(count("received-bytes") - received < SIZE * 3L / 2, "one copy for all");
    assertTrue(learner.counters().get("sent-bytes") - sent < SIZE * 3L / 2, "one copy sent");
  }

  @Test
  void shouldReceiveOnceForAHostThatComesLate() {
    publish();
    for (int i = 0; i < 3; i++) {
      follow(planes.start(Planes.onHost(2)));
    }
    received.forEach(r -> Eventually.holds(() -> r.versions().contains(last.get())));
    received.forEach(this::requireNewest);
    assertEquals(1, count("versions-from-publisher"));
    assertEquals(2, count("versions-from-slot"));
  }

  @Test
  void shouldGetAVersionWhenWhoReceivesItForTheHostClosesInTheMiddle() throws Exception {
    Faults line = new Faults(Faults.Rates.NONE, 1);
    follow(planes.start(Planes.onHost(2), line));
    publishToAll();
    follow(planes.start(Planes.onHost(2)));
    follow(planes.start(Planes.onHost(2)));
    untilEachComes(1, 0, 2);
    line.slow = new SleepingMillisIdleStrategy(2)::idle;
    publishAndCloseTheFirstInTheMiddle();
    received.forEach(this::requireNewest);
    // another takes over
    untilEachComes(1, 0, 1);
  }

  /** The first follower closes when a part of a new version is there; it follows no more. */
  private void publishAndCloseTheFirstInTheMiddle() throws Exception {
    DataPlane first = workers.remove(0);
    long before = first.counters().get("received-bytes");
    publish();
    CompletionStage<byte[]> lost = received.remove(0).fetch(last.get());
    Eventually.holds(() -> first.counters().get("received-bytes") - before > SIZE / 10);
    first.close();
    assertTrue(failure(lost).getMessage().contains("is closed"));
  }

  @Test
  void shouldNotWaitForOneThatReceivesSlowly() throws Exception {
    Faults line = new Faults(Faults.Rates.NONE, 1);
    follow(planes.start(Planes.onHost(2), line));
    publishToAll();
    // the other gives the first as long as its own transfers may stand still
    follow(planes.start(Planes.impatientOnHost(2)));
    untilEachComes(1, 0, 1);
    line.slow = new SleepingMillisIdleStrategy(10)::idle;
    publish();
    CompletionStage<byte[]> slow = received.get(0).fetch(last.get());
    requireNewest(received.get(1));
    assertFalse(slow.toCompletableFuture().isDone(), "it was not slow");
  }

  @Test
  void shouldSendToEightHostsAndReachMore() {
    for (int host = 2; host <= 13; host++) {
      follow(planes.start(Planes.onHost(host)));
      publishToAll(); // they come in this order
    }
    untilEachComes(8, 4, 0);
    assertTrue(workers.get(0).counters().get("sent-bytes") >= SIZE, "it relayed");
    // one that is not connected to its relay's broadcast yet pulls from the relay
    Eventually.holds(
        () -> {
          publishToAll();
          return workers.get(11).counters().get("broadcast-frames") > 0;
        });
  }

  @Test
  void shouldGetAVersionWhenARelayClosesInTheMiddle() throws Exception {
    Faults line = new Faults(Faults.Rates.NONE, 1);
    follow(planes.start(Planes.onHost(2), line));
    publishToAll();
    for (int host = 3; host <= 11; host++) {
      follow(planes.start(Planes.onHost(host)));
      publishToAll();
    }
    untilEachComes(8, 2, 0); // hosts 10 and 11 take it from the relay
    line.slow = new SleepingMillisIdleStrategy(2)::idle;
    publishAndCloseTheFirstInTheMiddle();
    received.forEach(this::requireNewest);
    untilEachComes(8, 1, 0);
  }

  @Test
  void shouldTakeFromThePublisherWhatCannotBeUsedAsItCameFromARelay() throws Exception {
    follow(planes.start(Planes.onHost(2)));
    publishToAll();
    AtomicInteger refused = new AtomicInteger();
    DataPlane other = planes.start(Planes.onHost(2));
    WeightStream<byte[]> picky =
        other.receiver("policy", learner.node(), new OnlyFromNetwork(refused));
    received.add(picky);
    Eventually.holds(
        () -> {
          publishToAll();
          return refused.get() > 0;
        });
    Bytes.assertSame(newest, get(picky.fetch(last.get())));
  }

  /** Refuses what it finds in a slot, which it sees as read-only memory. */
  private static final class OnlyFromNetwork extends Bytes {
    private final AtomicInteger refused;

    OnlyFromNetwork(AtomicInteger refused) {
      this.refused = refused;
    }

    @Override
    public byte[] decode(ByteBuffer from) {
      if (from.isReadOnly()) {
        refused.incrementAndGet();
        throw new IllegalArgumentException("damaged");
      }
      return super.decode(from);
    }
  }

  @Test
  void shouldFailWhatIsAwaitedWhenADataPlaneCloses() {
    follow(planes.start(Planes.onHost(2)));
    publishToAll();
    follow(planes.start(Planes.onHost(2)));
    untilEachComes(1, 0, 1);
    CompletionStage<byte[]> never = received.get(1).fetch(last.get() + 1);
    workers.get(1).close();
    assertTrue(failure(never).getMessage().contains("is closed"));
  }
}
