package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A slow or a dead receiver does not stop the others. */
class ReceiverFaultsTest {
  private static final int SIZE = 30_000_000;

  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  private static byte[] weights(long version) {
    return Bytes.random(SIZE, version);
  }

  private static WeightStream<byte[]> receiver(DataPlane plane, DataPlane publisher) {
    return plane.receiver("policy", publisher.node(), Bytes.CODEC);
  }

  /** Publishes until a version comes by broadcast to every one. */
  private static long untilBroadcast(
      WeightStream<byte[]> stream,
      DataPlane learner,
      WeightStream<byte[]> a,
      WeightStream<byte[]> b)
      throws Exception {
    for (long version = 0; ; version++) {
      long sent = learner.counters().get("sent-bytes");
      stream.retire(version - 2);
      stream.publish(version, weights(version));
      get(a.fetch(version));
      get(b.fetch(version));
      if (learner.counters().get("sent-bytes") - sent < 3L * SIZE / 2) {
        return version + 1;
      }
    }
  }

  @Test
  void shouldNotWaitForASlowReceiver() throws Exception {
    Faults line = new Faults(Faults.Rates.NONE, 1);
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
    DataPlane slowPlane = planes.start(line);
    WeightStream<byte[]> slow = receiver(slowPlane, learner);
    WeightStream<byte[]> fast = receiver(planes.start(), learner);
    long version = untilBroadcast(stream, learner, slow, fast);
    line.slow = new SleepingMillisIdleStrategy(2)::idle;
    stream.publish(version, weights(version));
    CompletionStage<byte[]> late = slow.fetch(version);
    assertArrayEquals(weights(version), get(fast.fetch(version)));
    assertFalse(late.toCompletableFuture().isDone(), "it was not slow");
    // the fast one may have asked for the rest before that
    Eventually.holds(() -> learner.counters().get("broadcasts-given-up") > 0);
    line.slow = () -> {};
    assertArrayEquals(weights(version), get(late));
  }

  /** Whether that costs the broadcast depends on what else the machine does: see PaceTest. */
  @Test
  void shouldHaveAllOfABroadcastInWhichAReceiverStoodStill() throws Exception {
    Faults line = new Faults(Faults.Rates.NONE, 1);
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
    DataPlane stalling = planes.start(line);
    WeightStream<byte[]> one = receiver(stalling, learner);
    WeightStream<byte[]> other = receiver(planes.start(), learner);
    long version = untilBroadcast(stream, learner, one, other);
    AtomicInteger datagrams = new AtomicInteger();
    line.slow =
        () -> {
          if (datagrams.incrementAndGet() == 100) {
            new SleepingMillisIdleStrategy(400).idle();
          }
        };
    stream.publish(version, weights(version));
    assertArrayEquals(weights(version), get(one.fetch(version)));
    assertArrayEquals(weights(version), get(other.fetch(version)));
    assertTrue(datagrams.get() > 100, "it did not stand still");
  }

  @Test
  void shouldNotWaitForAReceiverThatClosesInTheMiddle() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
    DataPlane leaving = planes.start();
    WeightStream<byte[]> left = receiver(leaving, learner);
    WeightStream<byte[]> stays = receiver(planes.start(), learner);
    long version = untilBroadcast(stream, learner, left, stays);
    long before = leaving.counters().get("received-bytes");
    stream.publish(version, weights(version));
    CompletionStage<byte[]> lost = left.fetch(version);
    CompletionStage<byte[]> kept = stays.fetch(version);
    Eventually.holds(() -> leaving.counters().get("received-bytes") - before > 1_000_000);
    leaving.close();
    assertTrue(failure(lost).getMessage().contains("is closed"));
    assertArrayEquals(weights(version), get(kept));
  }

  @Test
  void shouldFailWhatAReceiverFetchesWhenItCloses() throws Exception {
    DataPlane learner = planes.start();
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
    stream.publish(0, weights(0));
    WeightStream<byte[]> received = receiver(planes.start(), learner);
    CompletionStage<byte[]> fetched = received.fetch(0);
    received.close();
    assertTrue(failure(fetched).getMessage().contains("this stream is closed"));
    assertTrue(failure(received.fetch(0)).getMessage().contains("this stream is closed"));
  }
}
