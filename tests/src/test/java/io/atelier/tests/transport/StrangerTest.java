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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StrangerTest {
  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  @Test
  void shouldDropFramesOfAnotherRun() throws Exception {
    DataPlane owner = planes.start();
    DataPlane stranger = planes.start(Planes.impatient().withToken(7));
    byte[] value = Bytes.random(10_000, 1);
    BlobRef ref = owner.blobs().put(Bytes.KIND, value);
    assertInstanceOf(BlobMissingException.class, failure(stranger.blobs().fetch(Bytes.KIND, ref)));
    assertTrue(owner.counters().get("refused-token") > 0, owner.counters()::toString);
    assertEquals(0L, owner.counters().get("received-frames"));
    stranger.token(42);
    assertArrayEquals(value, get(stranger.blobs().fetch(Bytes.KIND, ref)));
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
