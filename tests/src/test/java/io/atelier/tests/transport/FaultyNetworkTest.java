package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobRef;
import io.atelier.actors.transport.DataPlane;
import io.atelier.actors.transport.WeightStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultyNetworkTest {
  private static final int SIZE = 4_000_000;
  private static final Faults.Rates LOSSY = new Faults.Rates(5, 5, 5, 0);
  private static final Faults.Rates DAMAGING = new Faults.Rates(0, 0, 0, 10);

  private final Planes planes = new Planes();
  private final List<Faults> drivers = new ArrayList<>();

  @AfterEach
  void close() {
    planes.close();
    drivers.forEach(Faults::close);
  }

  private Faults driver(Faults.Rates rates) throws IOException {
    Faults faults = new Faults(rates, drivers.size() + 1);
    drivers.add(faults);
    return faults;
  }

  private static byte[] weights(long version) {
    return Bytes.random(SIZE, version);
  }

  @Test
  void shouldPullBlobsThroughLossReorderAndDoubles() throws Exception {
    Faults out = driver(LOSSY);
    Faults in = driver(LOSSY);
    DataPlane owner = planes.start(Planes.with(out));
    DataPlane other = planes.start(Planes.with(in));
    BlobRef ref = owner.blobs().put(Bytes.KIND, weights(0));
    assertArrayEquals(weights(0), get(other.blobs().fetch(Bytes.KIND, ref)));
    assertTrue(in.lost.get() > 10 && in.doubled.get() > 10 && in.late.get() > 10);
  }

  @Test
  void shouldBroadcastThroughLossReorderAndDoubles() throws Exception {
    DataPlane learner = planes.start();
    Faults first = driver(LOSSY);
    Faults second = driver(LOSSY);
    DataPlane one = planes.start(Planes.with(first));
    DataPlane two = planes.start(Planes.with(second));
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 3);
    WeightStream<byte[]> a = one.receiver("policy", learner.node(), Bytes.CODEC);
    WeightStream<byte[]> b = two.receiver("policy", learner.node(), Bytes.CODEC);
    stream.publish(0, weights(0));
    assertArrayEquals(weights(0), get(a.fetch(0)));
    assertArrayEquals(weights(0), get(b.fetch(0)));
    for (int version = 1; version < 4; version++) {
      stream.retire(version - 2);
      stream.publish(version, weights(version));
      assertArrayEquals(weights(version), get(a.fetch(version)));
      assertArrayEquals(weights(version), get(b.fetch(version)));
    }
    assertTrue(first.lost.get() > 10 && second.lost.get() > 10);
    assertTrue(one.counters().get("broadcast-frames") > 0, one.counters()::toString);
  }

  /** The faults are at the sender, since a receiver lands chunks with a driver of its own only. */
  @Test
  void shouldLandChunksThroughLossAndDoubles() throws Exception {
    Faults out = driver(LOSSY);
    DataPlane learner = planes.start(Planes.with(out));
    DataPlane worker = planes.start();
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 8);
    WeightStream<byte[]> received = worker.receiver("policy", learner.node(), Bytes.CODEC);
    for (int version = 0; version < 8; version++) {
      stream.publish(version, weights(version));
      assertArrayEquals(weights(version), get(received.fetch(version)));
    }
    assertTrue(out.lostOnExit.get() > 10, () -> "lost " + out.lostOnExit);
    assertTrue(worker.counters().get("landed-frames") > 10, worker.counters()::toString);
    assertTrue(worker.driverCounters().get("nak-messages-sent") > 0);
  }

  @Test
  void shouldAskForDamagedChunksAgain() throws Exception {
    DataPlane owner = planes.start();
    Faults faults = driver(DAMAGING);
    DataPlane other = planes.start(Planes.with(faults));
    BlobRef ref = owner.blobs().put(Bytes.KIND, weights(0));
    assertArrayEquals(weights(0), get(other.blobs().fetch(Bytes.KIND, ref)));
    assertTrue(faults.damaged.get() > 10);
    assertEquals(faults.damaged.get(), other.counters().get("refused-corrupt").intValue());
    assertTrue(other.counters().get("asked-again") >= faults.damaged.get());
  }

  @Test
  void shouldMendADamagedBroadcast() throws Exception {
    DataPlane learner = planes.start();
    Faults faults = driver(DAMAGING);
    DataPlane worker = planes.start(Planes.with(faults));
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 3);
    WeightStream<byte[]> received = worker.receiver("policy", learner.node(), Bytes.CODEC);
    stream.publish(0, weights(0));
    assertArrayEquals(weights(0), get(received.fetch(0)));
    stream.publish(1, weights(1));
    assertArrayEquals(weights(1), get(received.fetch(1)));
    assertTrue(faults.damaged.get() > 10);
    assertTrue(worker.counters().get("refused-corrupt") > 0, worker.counters()::toString);
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
