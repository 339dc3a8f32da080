package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.RunKey;
import io.atelier.actors.transport.plane.DataPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StrangerTest {
  private static final int DATAGRAMS = 20;

  /** Aeron's header of a data frame in the stream of the inboxes, and the mark of a chunk. */
  private static final ByteBuffer CHUNK_HEADER =
      ByteBuffer.allocate(32)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(1_408)
          .putShort((short) 0xC0_00)
          .putShort((short) 1)
          .putInt(0)
          .putInt(7)
          .putInt(1_001)
          .putInt(0)
          .put("ATLAPART".getBytes(StandardCharsets.US_ASCII))
          .flip();

  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  @Test
  void shouldDropFramesOfAnotherRun() throws Exception {
    DataPlane owner = planes.start();
    DataPlane stranger = planes.start(Planes.impatient().withKey(RunKey.fresh()));
    byte[] value = Bytes.random(10_000, 1);
    BlobRef ref = owner.blobs().put(Bytes.KIND, value);
    assertInstanceOf(BlobMissingException.class, failure(stranger.blobs().fetch(Bytes.KIND, ref)));
    assertTrue(owner.counters().get("refused-key") > 0, owner.counters()::toString);
    assertEquals(0L, owner.counters().get("received-frames"));
    stranger.key(Planes.KEY);
    assertArrayEquals(value, get(stranger.blobs().fetch(Bytes.KIND, ref)));
  }

  /** To its socket, as if it was a chunk of a transfer. */
  @Test
  void shouldRefuseDatagramsOfAnybody() throws Exception {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    int port = Integer.parseInt(other.node().split("[:/]")[1]);
    SplittableRandom random = new SplittableRandom(1);
    try (DatagramSocket socket = new DatagramSocket()) {
      Eventually.holds(
          () -> {
            for (int i = 0; i < DATAGRAMS; i++) {
              send(socket, port, random);
            }
            return other.counters().get("refused-malformed") > 10 * DATAGRAMS;
          });
    }
    byte[] value = Bytes.random(1_000_000, 1);
    BlobRef ref = owner.blobs().put(Bytes.KIND, value);
    assertArrayEquals(value, get(other.blobs().fetch(Bytes.KIND, ref)));
  }

  private static void send(DatagramSocket socket, int port, SplittableRandom random) {
    byte[] datagram = Bytes.random(random.nextInt(32, 4_096), random.nextInt());
    CHUNK_HEADER.get(0, datagram, 0, CHUNK_HEADER.limit());
    InetAddress here = InetAddress.getLoopbackAddress();
    try {
      socket.send(new DatagramPacket(datagram, datagram.length, here, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldDropFramesForAnEarlierProcessAtItsAddress() {
    DataPlane owner = planes.start();
    DataPlane other = planes.start(Planes.impatient());
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(10_000, 1));
    String earlier = ref.node().substring(0, ref.node().indexOf('/')) + "/0badcafe";
    BlobRef stale = new BlobRef(earlier, ref.id(), ref.length(), ref.crc());
    Throwable gone = failure(other.blobs().fetch(Bytes.KIND, stale));
    assertInstanceOf(BlobMissingException.class, gone);
    assertTrue(owner.counters().get("refused-session") > 0, owner.counters()::toString);
    assertEquals(0L, owner.counters().get("received-frames"));
  }
}
