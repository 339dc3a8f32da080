package io.atelier.actors.transport.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AnnouncementTest {
  /** What is left of 1408 bytes. */
  private static final int SMALLEST_DATAGRAM = 1_408 - 32 - Frame.HEADER;

  @Test
  void shouldFitTheSmallestDatagramAndComeBackAsItWas() {
    NodeName publisher = new NodeName("p".repeat(253), 65_535, -1, -1);
    NodeName source = new NodeName("s".repeat(253), 65_534, 1, -2);
    String stream = Resource.relayed("n".repeat(Resource.MAX_STREAM_BYTES), publisher);
    Path slots = Path.of("/dev/shm/atelier-plane-4194304-18446744073709551615/slots-999");
    long[] versions = LongStream.range(0, Announcement.MAX_VERSIONS).toArray();
    Announcement whole =
        new Announcement(
            publisher, stream, versions, Description.MAX_BYTES, 65_535, Optional.of(slots), source);
    byte[] bytes = whole.encode();
    assertTrue(bytes.length <= SMALLEST_DATAGRAM, () -> bytes.length + " bytes");
    Announcement read = Announcement.decode(new WireReader(ByteBuffer.wrap(bytes), "ANNOUNCE"));
    assertArrayEquals(versions, read.versions());
    assertEquals(publisher, read.publisher());
    assertEquals(stream, read.stream());
    assertEquals(Description.MAX_BYTES, read.bytes());
    assertEquals(65_535, read.broadcast());
    assertEquals(Optional.of(slots), read.slots());
    assertEquals(source, read.source());
  }
}
