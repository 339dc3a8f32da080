package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.aeron.Network;
import io.atelier.actors.transport.plane.DataPlane;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlobTransferTest {
  private final Planes planes = new Planes();

  @AfterEach
  void close() {
    planes.close();
  }

  @Test
  void shouldPullBlobsOfAnySize() throws Exception {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    List<byte[]> values = new ArrayList<>();
    List<CompletionStage<byte[]>> fetched = new ArrayList<>();
    for (int length : new int[] {0, 1, 3_999, 4_000, 4_001, 100_000, 3_000_000}) {
      byte[] value = Bytes.random(length, length);
      values.add(value);
      BlobRef ref = owner.blobs().put(Bytes.KIND, value);
      assertEquals(owner.node(), ref.node());
      assertEquals(length, ref.length());
      fetched.add(other.blobs().fetch(Bytes.KIND, ref));
    }
    for (int i = 0; i < values.size(); i++) {
      assertArrayEquals(values.get(i), get(fetched.get(i)));
    }
    assertEquals(0, owner.counters().get("refused-malformed"), owner.counters()::toString);
  }

  @Test
  void shouldTakeManyBlobsAtOnce() throws Exception {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    List<CompletionStage<byte[]>> fetched = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(50_000, i));
      fetched.add(other.blobs().fetch(Bytes.KIND, ref));
    }
    for (int i = 0; i < fetched.size(); i++) {
      assertArrayEquals(Bytes.random(50_000, i), get(fetched.get(i)));
    }
  }

  @Test
  void shouldDecodeAnOwnBlob() throws Exception {
    DataPlane plane = planes.start();
    byte[] value = Bytes.random(100, 1);
    BlobRef ref = plane.blobs().put(Bytes.KIND, value);
    assertArrayEquals(value, get(plane.blobs().fetch(Bytes.KIND, ref)));
    assertEquals(100, plane.blobs().held());
    plane.blobs().releaseAll();
    assertEquals(0, plane.blobs().held());
    assertInstanceOf(BlobMissingException.class, failure(plane.blobs().fetch(Bytes.KIND, ref)));
  }

  @Test
  void shouldSayThatABlobIsGone() throws Exception {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(10_000, 1));
    BlobRef unknown = new BlobRef(ref.node(), 99, 10_000, 0);
    assertInstanceOf(BlobMissingException.class, failure(other.blobs().fetch(Bytes.KIND, unknown)));
    BlobRef local = new BlobRef("local", 1, 1, 0);
    assertInstanceOf(BlobMissingException.class, failure(other.blobs().fetch(Bytes.KIND, local)));
    get(other.blobs().fetch(Bytes.KIND, ref));
    other.blobs().release(ref);
    Eventually.holds(() -> owner.blobs().held() == 0);
    Throwable gone = failure(other.blobs().fetch(Bytes.KIND, ref));
    assertTrue(gone.getMessage().contains("has no blob 1"), gone::getMessage);
  }

  @Test
  void shouldRefuseContentThatIsNotWhatTheReferenceNames() {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(10_000, 1));
    BlobRef wrong = new BlobRef(ref.node(), ref.id(), ref.length(), ref.crc() + 1);
    Throwable failure = failure(other.blobs().fetch(Bytes.KIND, wrong));
    assertTrue(failure.getMessage().contains("CRC32C"), failure::getMessage);
    BlobRef shorter = new BlobRef(ref.node(), ref.id(), 9_999, ref.crc());
    failure = failure(other.blobs().fetch(Bytes.KIND, shorter));
    assertTrue(failure.getMessage().contains("10000 bytes"), failure::getMessage);
  }

  @Test
  void shouldHoldNoMoreThanItsLimit() {
    DataPlane plane = planes.start();
    int half = 32 << 20;
    BlobRef first = plane.blobs().put(Bytes.KIND, new byte[half]);
    plane.blobs().put(Bytes.KIND, new byte[half]);
    assertThrows(BlobStoreFullException.class, () -> plane.blobs().put(Bytes.KIND, new byte[1]));
    plane.blobs().release(first);
    plane.blobs().put(Bytes.KIND, new byte[half]);
  }

  @Test
  void shouldLetGoOfWhatCanBeDoneWithoutForOthers() throws Exception {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    int half = 32 << 20;
    owner.blobs().put(Bytes.KIND, new byte[half]);
    BlobRef spare = owner.blobs().offer(Bytes.KIND, new byte[half - 1]).orElseThrow();
    assertEquals(half - 1, get(other.blobs().fetch(Bytes.KIND, spare)).length);
    assertTrue(owner.blobs().offer(Bytes.KIND, new byte[2]).isEmpty());
    owner.blobs().put(Bytes.KIND, new byte[2]);
    assertEquals(half + 2, owner.blobs().held());
    assertInstanceOf(BlobMissingException.class, failure(other.blobs().fetch(Bytes.KIND, spare)));
  }

  @Test
  void shouldFailWithinTheStallWhenTheOwnerIsGone() {
    DataPlane owner = planes.start();
    DataPlane other = planes.start(Planes.impatient());
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(10_000, 1));
    owner.close();
    Throwable gone = failure(other.blobs().fetch(Bytes.KIND, ref));
    assertInstanceOf(BlobMissingException.class, gone);
    assertTrue(gone.getMessage().contains("nothing came for 1000 ms"), gone::getMessage);
  }

  /** What the owner sent meanwhile lies unread, so it is not the owner that is silent. */
  @Test
  void shouldNotBlameTheOwnerForAPauseOfItsOwn() throws Exception {
    DataPlane owner = planes.start();
    AtomicBoolean paused = new AtomicBoolean();
    DataPlane other =
        planes.start(
            Planes.impatient(),
            new Network() {
              @Override
              public int send(ByteBuffer datagram, ToIntFunction<ByteBuffer> socket) {
                int taken = socket.applyAsInt(datagram);
                if (paused.compareAndSet(false, true)) {
                  new SleepingMillisIdleStrategy(2_000).idle();
                }
                return taken;
              }
            });
    byte[] value = Bytes.random(10_000, 1);
    BlobRef ref = owner.blobs().put(Bytes.KIND, value);
    assertArrayEquals(value, get(other.blobs().fetch(Bytes.KIND, ref)));
    assertTrue(paused.get(), "it did not stand still");
  }

  @Test
  void shouldFailWhatIsUnderWayWhenItCloses() {
    DataPlane owner = planes.start();
    DataPlane other = planes.start();
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(10_000, 1));
    owner.close();
    CompletionStage<byte[]> fetched = other.blobs().fetch(Bytes.KIND, ref);
    other.close();
    assertTrue(failure(fetched).getMessage().contains("is closed"));
    assertTrue(failure(other.blobs().fetch(Bytes.KIND, ref)).getMessage().contains("is closed"));
  }
}
