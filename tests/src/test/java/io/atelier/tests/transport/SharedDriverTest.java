package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.WeightStream;
import io.atelier.actors.transport.plane.DataPlane;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.ToIntFunction;
import org.agrona.CloseHelper;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that use one media driver send to each other through its memory, to others by UDP. */
class SharedDriverTest {
  private static final int SIZE = 4_000_000;

  private final Planes planes = new Planes();
  private MediaDriver driver;
  private MediaDriver faulty;

  @TempDir Path folder;

  @BeforeEach
  void start() {
    driver = MediaDriver.launch(context("driver"));
  }

  private MediaDriver.Context context(String name) {
    return new MediaDriver.Context()
        .aeronDirectoryName(folder.resolve(name).toString())
        .dirDeleteOnShutdown(true)
        .threadingMode(ThreadingMode.SHARED)
        .sharedIdleStrategy(new SleepingMillisIdleStrategy(1));
  }

  /** What a driver beside a node sends, over a network with faults. */
  private static final class FaultySending extends SendChannelEndpoint {
    private final ToIntFunction<ByteBuffer> socket = super::send;
    private final Faults line;

    FaultySending(
        UdpChannel channel, AtomicCounter status, MediaDriver.Context context, Faults line) {
      super(channel, status, context);
      this.line = line;
    }

    @Override
    public int send(ByteBuffer datagram) {
      return line.send(datagram, socket);
    }
  }

  /** A node with the driver of another machine. */
  private DataPlane planeOver(Faults line) {
    faulty =
        MediaDriver.launch(
            context("faulty")
                .sendChannelEndpointSupplier(
                    (channel, status, context) ->
                        new FaultySending(channel, status, context, line)));
    return planes.start(Planes.with(faulty.aeronDirectoryName()));
  }

  @AfterEach
  void close() {
    planes.close();
    CloseHelper.closeAll(driver, faulty);
  }

  private DataPlane plane() {
    return planes.start(Planes.with(driver.aeronDirectoryName()));
  }

  private static long bytesOnTheNetwork(DataPlane plane) {
    return plane.driverCounters().get("bytes-sent");
  }

  private static void requireSameBytes(DataPlane from, DataPlane to) throws Exception {
    byte[] value = Bytes.random(SIZE, 1);
    BlobRef blob = from.blobs().put(Bytes.KIND, value);
    assertArrayEquals(value, get(to.blobs().fetch(Bytes.KIND, blob)));
  }

  @Test
  void shouldSendThroughTheMemoryOfTheDriver() throws Exception {
    DataPlane one = plane();
    DataPlane other = plane();
    requireSameBytes(one, other);
    requireSameBytes(other, one);
    assertTrue(one.counters().get("sent-bytes") > SIZE);
    assertTrue(bytesOnTheNetwork(one) < SIZE / 100, () -> one.driverCounters().toString());
  }

  @Test
  void shouldSendByTheNetworkToANodeWithADriverOfItsOwn() throws Exception {
    DataPlane one = plane();
    DataPlane other = planes.start();
    requireSameBytes(one, other);
    requireSameBytes(other, one);
    assertTrue(bytesOnTheNetwork(one) > SIZE);
  }

  @Test
  void shouldFollowAStream() throws Exception {
    DataPlane worker = plane();
    follow(plane(), worker);
    assertTrue(worker.counters().get("broadcast-frames") > 0, worker.counters()::toString);
  }

  @Test
  void shouldFollowAStreamOfANodeWithADriverOfItsOwn() throws Exception {
    DataPlane worker = plane();
    follow(planes.start(), worker);
    assertEquals(0, worker.counters().get("broadcast-frames"), worker.counters()::toString);
  }

  @Test
  void shouldFollowAStreamFromANodeWithADriverOfItsOwn() throws Exception {
    DataPlane worker = planes.start();
    follow(plane(), worker);
    assertTrue(worker.counters().get("broadcast-frames") > 0, worker.counters()::toString);
  }

  @Test
  void shouldSendBetweenTwoDriversThroughLossReorderAndDoubles() throws Exception {
    Faults line = new Faults(new Faults.Rates(5, 5, 5, 0), 1);
    DataPlane learner = planeOver(line);
    DataPlane worker = plane();
    requireSameBytes(learner, worker);
    requireSameBytes(worker, learner);
    follow(learner, worker);
    assertTrue(worker.counters().get("broadcast-frames") > 0, worker.counters()::toString);
    assertTrue(line.lost.get() > 10 && line.doubled.get() > 10 && line.late.get() > 10);
    assertTrue(worker.driverCounters().get("nak-messages-sent") > 0);
  }

  @Test
  void shouldAskForWhatWasDamagedBetweenTwoDrivers() throws Exception {
    Faults line = new Faults(new Faults.Rates(0, 0, 0, 10), 1);
    DataPlane worker = plane();
    requireSameBytes(planeOver(line), worker);
    assertTrue(line.damaged.get() > 10);
    assertTrue(worker.counters().get("refused-tag") > 10, worker.counters()::toString);
  }

  private static void follow(DataPlane learner, DataPlane worker) throws Exception {
    WeightStream<byte[]> stream = learner.publisher("policy", Bytes.CODEC, 4);
    WeightStream<byte[]> received = worker.receiver("policy", learner.node(), Bytes.CODEC);
    for (long version = 0; version < 4; version++) {
      stream.publish(version, Bytes.random(SIZE, version));
      assertArrayEquals(Bytes.random(SIZE, version), get(received.fetch(version)));
    }
  }

  @Test
  void shouldNotTakeTheNextDriverOfTheFolderForTheSame() {
    String before = plane().node();
    planes.close();
    driver.close();
    start();
    String driverBefore = before.substring(before.indexOf('@'));
    assertFalse(plane().node().endsWith(driverBefore), before);
  }
}
