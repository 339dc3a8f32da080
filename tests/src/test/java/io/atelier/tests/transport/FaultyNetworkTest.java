package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultyNetworkTest {
  private static final int SIZE = 4_000_000;

  /** Of one version, in datagrams of 4 KiB. */
  private static final int CHUNKS = SIZE / 4_000;

  private static final Faults.Rates LOSSY = new Faults.Rates(5, 5, 5, 0);
  private static final Faults.Rates DAMAGING = new Faults.Rates(0, 0, 0, 10);

  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  private static byte[] weights(long version) {
    return Bytes.random(SIZE, version);
  }

  private static void requireLossReorderAndDoubles(Faults line) {
    assertTrue(line.lost.get() > 10 && line.doubled.get() > 10 && line.late.get() > 10);
  }

  @Test
  void shouldPullBlobsThroughLossReorderAndDoubles() throws Exception {
    Faults line = new Faults(LOSSY, 1);
    DataPlane owner = planes.start(line);
    DataPlane other = planes.start(new Faults(LOSSY, 2));
    BlobRef ref = owner.blobs().put(Bytes.KIND, weights(0));
    assertArrayEquals(weights(0), get(other.blobs().fetch(Bytes.KIND, ref)));
    requireLossReorderAndDoubles(line);
    assertTrue(other.driverCounters().get("nak-messages-sent") > 0);
  }

  @Test
  void shouldBroadcastThroughLossReorderAndDoubles() throws Exception {
    Faults line = new Faults(LOSSY, 1);
    DataPlane learner = planes.start(line);
    List<DataPlane> workers = List.of(planes.start(), planes.start());
    broadcast(learner, workers);
    requireLossReorderAndDoubles(line);
    for (DataPlane worker : workers) {
      assertTrue(worker.driverCounters().get("nak-messages-sent") > 0);
    }
  }

  /** Publishes until all have got what makes a version by broadcast; the first ones are pulled. */
  private static void broadcast(DataPlane learner, List<DataPlane> workers) {
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 3);
    List<WeightStream<byte[]>> received =
        workers.stream().map(w -> w.receiver("policy", learner.node(), Bytes.CODEC)).toList();
    AtomicLong last = new AtomicLong(-1);
    Eventually.holds(
        () -> {
          long version = last.incrementAndGet();
          stream.retire(version - 2);
          stream.publish(version, weights(version));
          received.forEach(
              worker ->
                  assertArrayEquals(
                      weights(version), worker.fetch(version).toCompletableFuture().join()));
          return Planes.broadcastFrames(workers).stream().allMatch(frames -> frames > CHUNKS);
        });
  }

  @Test
  void shouldAskForDamagedChunksAgain() throws Exception {
    Faults line = new Faults(DAMAGING, 1);
    DataPlane owner = planes.start(line);
    DataPlane other = planes.start();
    BlobRef ref = owner.blobs().put(Bytes.KIND, weights(0));
    assertArrayEquals(weights(0), get(other.blobs().fetch(Bytes.KIND, ref)));
    assertTrue(line.damaged.get() > 10);
    long refused = other.counters().get("refused-tag");
    assertEquals(line.damaged.get(), refused, other.counters()::toString);
    assertTrue(other.counters().get("asked-again") >= refused, other.counters()::toString);
  }

  @Test
  void shouldMendADamagedBroadcast() throws Exception {
    Faults line = new Faults(DAMAGING, 1);
    DataPlane learner = planes.start(line);
    DataPlane worker = planes.start();
    broadcast(learner, List.of(worker));
    assertTrue(line.damaged.get() > 10);
    assertTrue(worker.counters().get("refused-tag") > 0, worker.counters()::toString);
  }

  @Test
  void shouldFailWhenTheOwnerGoesInTheMiddle() throws Exception {
    DataPlane owner = planes.start();
    DataPlane other = planes.start(Planes.impatient());
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(60_000_000, 1));
    CompletionStage<byte[]> fetched = other.blobs().fetch(Bytes.KIND, ref);
    Eventually.holds(() -> other.counters().get("received-bytes") > 1_000_000);
    owner.close();
    Throwable gone = failure(fetched);
    assertInstanceOf(BlobMissingException.class, gone);
    assertTrue(gone.getMessage().contains("nothing came for"), gone::getMessage);
  }
}
