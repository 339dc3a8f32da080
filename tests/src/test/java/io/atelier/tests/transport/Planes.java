package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.TransportConfig;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.aeron.Network;
import io.atelier.actors.transport.plane.DataPlane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** Several data planes in one JVM, as if each were a process. */
final class Planes implements AutoCloseable {
  private static final int KIB = 1 << 10;

  /** What a datagram of 4 KiB carries. */
  private static final int CHUNK_BYTES = 4_000;

  /** That all of them have. */
  static final RunKey KEY = new RunKey(1, 2, 3, 42);

  private static final String HOSTS = "127.0.0.";
  private static final String LEARNER_HOST = HOSTS + 1;

  /** Longer than a busy machine takes. */
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private static final Duration IMPATIENT = Duration.ofSeconds(1);

  private final List<DataPlane> planes = new ArrayList<>();

  /** Small buffers, and datagrams of 4 KiB, so that a megabyte is many chunks. */
  static TransportConfig config() {
    return at(0);
  }

  /** The same at a port. */
  static TransportConfig at(int port) {
    return config(port, "");
  }

  /** The same, but processes of one host share memory. */
  static TransportConfig sharing() {
    return config(LEARNER_HOST, 0, "", true, PATIENT);
  }

  /** The same on another host, as far as a data plane can tell; 1 is where all others are. */
  static TransportConfig onHost(int number) {
    return config(HOSTS + number, 0, "", true, PATIENT);
  }

  /** The same, but a transfer fails after a second without progress. */
  static TransportConfig impatient() {
    return config(LEARNER_HOST, 0, "", false, IMPATIENT);
  }

  /** The same, but a transfer fails after a second without progress. */
  static TransportConfig impatientOnHost(int number) {
    return config(HOSTS + number, 0, "", true, IMPATIENT);
  }

  /** The same with a media driver that runs already, in this folder. */
  static TransportConfig with(String driver) {
    return config(0, driver);
  }

  /** The same, but weights are broadcast to a multicast group. */
  static TransportConfig multicast(String group) {
    return config(LEARNER_HOST, 0, "", group, false, PATIENT);
  }

  private static TransportConfig config(int port, String driver) {
    return config(LEARNER_HOST, port, driver, false, PATIENT);
  }

  private static TransportConfig config(
      String host, int port, String driver, boolean shared, Duration stall) {
    return config(host, port, driver, "", shared, stall);
  }

  private static TransportConfig config(
      String host, int port, String driver, String multicast, boolean shared, Duration stall) {
    return new TransportConfig(
        host,
        "",
        port,
        driver,
        multicast,
        4 * KIB,
        256 * KIB,
        64 * KIB,
        128 * KIB, // of which the kernel takes half for itself with datagrams of this size
        64L * KIB * KIB,
        64L * KIB * KIB,
        shared,
        stall,
        KEY);
  }

  DataPlane start() {
    return start(config());
  }

  DataPlane start(TransportConfig config) {
    return start(config, Network.DIRECT);
  }

  DataPlane start(Network network) {
    return start(config(), network);
  }

  DataPlane start(TransportConfig config, Network network) {
    DataPlane plane = DataPlane.start(config, network);
    planes.add(plane);
    return plane;
  }

  /** Frames of broadcasts that each of them received. */
  static List<Long> broadcastFrames(List<DataPlane> planes) {
    return planes.stream().map(plane -> plane.counters().get("broadcast-frames")).toList();
  }

  /**
   * Publishes versions of {@code size} bytes until one comes whole by the broadcast to all that
   * follow, and is sent once.
   *
   * @param followers where the stream is followed, as {@code received}
   * @param sentBytes all that was sent so far
   */
  static void untilBroadcastOnce(
      WeightStream<byte[]> stream,
      int size,
      List<DataPlane> followers,
      List<WeightStream<byte[]>> received,
      LongSupplier sentBytes) {
    AtomicLong version = new AtomicLong();
    Eventually.holds(
        () -> {
          long sent = sentBytes.getAsLong();
          List<Long> before = broadcastFrames(followers);
          long next = version.incrementAndGet();
          byte[] weights = Bytes.random(size, next);
          stream.publish(next, weights);
          received.forEach(
              r -> assertArrayEquals(weights, r.fetch(next).toCompletableFuture().join()));
          List<Long> now = broadcastFrames(followers);
          return sentBytes.getAsLong() - sent < 2L * size
              && IntStream.range(0, followers.size())
                  .allMatch(i -> now.get(i) - before.get(i) >= size / CHUNK_BYTES);
        });
  }

  static <T> T get(CompletionStage<T> stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  static Throwable failure(CompletionStage<?> stage) {
    return assertThrows(ExecutionException.class, () -> get(stage)).getCause();
  }

  @Override
  public void close() {
    planes.forEach(DataPlane::close);
  }

  /** Fetches a small version, and lets go of it as soon as it is there. */
  static void fetchAgainAndAgain(int times, DataPlane publisher, DataPlane worker)
      throws Exception {
    byte[] weights = {1, 2};
    publisher.publisher("policy", Bytes.CODEC, 1).publish(0, weights);
    WeightStream<byte[]> received = worker.receiver("policy", publisher.node(), Bytes.CODEC);
    for (int i = 0; i < times; i++) {
      assertArrayEquals(weights, get(received.fetch(0)));
      received.retire(0);
    }
  }
}
