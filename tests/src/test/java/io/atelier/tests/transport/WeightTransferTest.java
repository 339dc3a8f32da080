package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WeightTransferTest {
  private static final int SIZE = 2_000_000;

  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  private static WeightStream<byte[]> publisher(DataPlane plane, int versions) {
    return plane.publisher("policy", Bytes.CODEC, versions);
  }

  private static WeightStream<byte[]> receiver(DataPlane plane, DataPlane publisher) {
    return plane.receiver("policy", publisher.node(), Bytes.CODEC);
  }

  private static byte[] weights(long version) {
    return Bytes.random(SIZE, version);
  }

  @Test
  void shouldFetchAgainWhatWasLetGo() throws Exception {
    DataPlane worker = planes.start();
    Planes.fetchAgainAndAgain(3_000, planes.start(), worker);
    assertEquals(3_000, worker.counters().get("versions-from-publisher"));
  }

  @Test
  void shouldGiveThePublishedObjectOnThePublishingNode() throws Exception {
    DataPlane plane = planes.start();
    WeightStream<byte[]> stream = publisher(plane, 2);
    byte[] weights = weights(0);
    stream.publish(0, weights);
    assertSame(stream, receiver(plane, plane));
    assertSame(weights, get(stream.fetch(0)));
    assertThrows(IllegalStateException.class, () -> publisher(plane, 2));
  }

  @Test
  void shouldFetchVersionsFromAnotherNode() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = publisher(learner, 2);
    stream.publish(0, weights(0));
    stream.publish(1, weights(1));
    WeightStream<byte[]> received = receiver(planes.start(), learner);
    assertArrayEquals(weights(0), get(received.fetch(0)));
    assertArrayEquals(weights(1), get(received.fetch(1)));
    assertSame(get(received.fetch(1)), get(received.fetch(1)));
    assertThrows(UnsupportedOperationException.class, () -> received.publish(2, weights(2)));
  }

  /**
   * All but those that came before it was known what they are chunks of. Of a version its
   * description, the first chunk and the last are copied.
   */
  @Test
  void shouldLandChunksFromTheDatagram() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = publisher(learner, 8);
    DataPlane worker = planes.start();
    WeightStream<byte[]> received = receiver(worker, learner);
    int versions = 8;
    for (int version = 0; version < versions; version++) {
      stream.publish(version, weights(version));
      assertArrayEquals(weights(version), get(received.fetch(version)));
    }
    long frames = worker.counters().get("received-frames");
    long landed = worker.counters().get("landed-frames");
    assertTrue(landed > frames / 2 && landed < frames, worker.counters()::toString);
  }

  /** Wherever in a log buffer its description is, such as just before the end of a term. */
  @Test
  void shouldNotAskForWhatWasBroadcast() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = publisher(learner, 64);
    DataPlane worker = planes.start();
    WeightStream<byte[]> received = receiver(worker, learner);
    Planes.untilBroadcastOnce(
        stream,
        SIZE,
        List.of(worker),
        List.of(received),
        () -> learner.counters().get("sent-bytes"));
    long before = worker.counters().get("asked-again");
    for (int version = 100; version < 1_600; version++) {
      stream.retire(version - 2);
      stream.publish(version, Bytes.random(100, version));
      assertArrayEquals(Bytes.random(100, version), get(received.fetch(version)));
    }
    // a machine that stands still for a moment may have it ask for one or two
    long asked = worker.counters().get("asked-again") - before;
    assertTrue(asked <= 3, () -> "asked for " + asked);
  }

  @Test
  void shouldFailToFetchWhatIsNotThere() {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = publisher(learner, 2);
    WeightStream<byte[]> received = receiver(planes.start(), learner);
    Throwable early = failure(received.fetch(7));
    assertTrue(
        early.getMessage().startsWith("policy version 7 is not available"), early::getMessage);
    stream.publish(0, weights(0));
    stream.retire(0);
    Throwable retired = failure(received.fetch(0));
    assertTrue(retired.getMessage().contains("has no policy version 0"), retired::getMessage);
  }

  @Test
  void shouldGetTheNewestVersionWithoutAsking() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = publisher(learner, 3);
    stream.publish(0, weights(0));
    stream.publish(1, weights(1));
    WeightStream<byte[]> late = receiver(planes.start(), learner);
    Eventually.holds(() -> late.versions().equals(Set.of(1L)));
    stream.publish(2, weights(2));
    Eventually.holds(() -> late.versions().equals(Set.of(1L, 2L)));
    assertArrayEquals(weights(2), get(late.fetch(2)));
    stream.retire(1);
    Eventually.holds(() -> late.versions().equals(Set.of(2L)));
  }

  @Test
  void shouldBroadcastOnceToManyReceivers() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = publisher(learner, 64);
    List<DataPlane> workers = List.of(planes.start(), planes.start(), planes.start());
    List<WeightStream<byte[]>> received =
        workers.stream().map(worker -> receiver(worker, learner)).toList();
    Planes.untilBroadcastOnce(
        stream, SIZE, workers, received, () -> learner.counters().get("sent-bytes"));
  }

  @Test
  void shouldFailTheReceiversOfAPublisherThatRestarts() throws Exception {
    DataPlane learner = planes.start();
    publisher(learner, 2).publish(0, weights(0));
    DataPlane worker = planes.start(Planes.impatient());
    WeightStream<byte[]> old = receiver(worker, learner);
    get(old.fetch(0));
    int port = Integer.parseInt(learner.node().split("[:/]")[1]);
    learner.close();
    DataPlane restarted = planes.start(Planes.at(port));
    publisher(restarted, 2).publish(1, weights(1));
    Throwable failure = failure(old.fetch(1));
    assertTrue(failure.getMessage().contains("nothing came for"), failure::getMessage);
    assertTrue(restarted.counters().get("refused-session") > 0, restarted.counters()::toString);
    old.close();
    assertArrayEquals(weights(1), get(receiver(worker, restarted).fetch(1)));
    assertEquals(0L, worker.counters().get("refused-malformed"));
  }
}
