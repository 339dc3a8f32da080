package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Weights go once onto the network, however many receive them. */
class MulticastTest {
  private static final int SIZE = 2_000_000;
  private static final int RECEIVERS = 3;
  private static final String GROUP = "239.192.7.1:40123";

  private final Planes planes = new Planes();
  private final DataPlane learner = planes.start(Planes.multicast(GROUP));

  @AfterEach
  void close() {
    planes.close();
  }

  private static byte[] weights(long version) {
    return Bytes.random(SIZE, version);
  }

  private WeightStream<byte[]> follow(DataPlane worker, String stream) {
    return worker.receiver(stream, learner.node(), Bytes.CODEC);
  }

  private List<DataPlane> workers() {
    return Stream.generate(() -> planes.start(Planes.multicast(GROUP))).limit(RECEIVERS).toList();
  }

  @Test
  void shouldSendOnceToManyReceivers() {
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 64);
    List<DataPlane> workers = workers();
    List<WeightStream<byte[]>> received =
        workers.stream().map(worker -> follow(worker, "policy")).toList();
    // what the driver puts onto the network: sent to each it would be three times as much
    Planes.untilBroadcastOnce(
        stream, SIZE, workers, received, () -> learner.driverCounters().get("bytes-sent"));
  }

  @Test
  void shouldTellStreamsOfAGroupApart() throws Exception {
    WeightStream<byte[]> policy = learner.publisher("policy", Bytes.CODEC, 4);
    WeightStream<byte[]> critic = learner.publisher("critic", Bytes.CODEC, 4);
    DataPlane worker = planes.start(Planes.multicast(GROUP));
    DataPlane other = planes.start(Planes.multicast(GROUP));
    WeightStream<byte[]> first = follow(worker, "policy");
    WeightStream<byte[]> second = follow(other, "critic");
    AtomicLong version = new AtomicLong();
    Eventually.holds(
        () -> {
          long next = version.incrementAndGet();
          policy.retire(next - 3);
          critic.retire(next - 3);
          policy.publish(next, weights(next));
          critic.publish(next, weights(-next));
          assertArrayEquals(weights(next), first.fetch(next).toCompletableFuture().join());
          assertArrayEquals(weights(-next), second.fetch(next).toCompletableFuture().join());
          return Planes.broadcastFrames(List.of(worker, other)).stream()
              .allMatch(frames -> frames > 0);
        });
    assertEquals(0, worker.counters().get("refused-session"));
    assertEquals(0, worker.counters().get("refused-malformed"));
  }

  @Test
  void shouldServeAReceiverThatIsNotInTheGroup() throws Exception {
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
    DataPlane worker = planes.start();
    WeightStream<byte[]> received = follow(worker, "policy");
    for (long version = 0; version < 4; version++) {
      stream.publish(version, weights(version));
      assertArrayEquals(weights(version), get(received.fetch(version)));
    }
    assertEquals(0, worker.counters().get("broadcast-frames"));
    assertTrue(worker.counters().get("versions-from-publisher") >= 4);
  }
}
