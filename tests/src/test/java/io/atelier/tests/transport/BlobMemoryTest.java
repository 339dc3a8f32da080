package io.atelier.tests.transport;

import static io.atelier.tests.transport.Planes.failure;
import static io.atelier.tests.transport.Planes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.plane.DataPlane;
import io.atelier.actors.transport.wire.DirectMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the bytes of blobs are, and what happens when there is no room for more. */
@Timeout(120)
class BlobMemoryTest {
  private static final int MIB = 1 << 20;

  /** What the store of {@link Planes#config} takes. */
  private static final int LIMIT = 64 * MIB;

  /** Small buffers of sockets come and go. */
  private static final long OTHERS = 1 << 16;

  private final Planes planes = new Planes();
  private DataPlane owner;
  private DataPlane other;
  private long before;

  @BeforeEach
  void start() {
    owner = planes.start();
    other = planes.start();
    before = DirectMemory.taken();
  }

  @AfterEach
  void close() {
    planes.close();
  }

  private static void assertHolds(DataPlane plane, long bytes) {
    Eventually.holds(() -> plane.blobs().budget().kept() == bytes);
    Eventually.holds(() -> plane.blobs().budget().passing() == 0);
    assertEquals(bytes, plane.blobs().held());
  }

  private static void assertDirect(long bytes, long before) {
    long more = DirectMemory.taken() - before;
    assertTrue(Math.abs(more - bytes) < OTHERS, () -> more + " bytes, not " + bytes);
  }

  private long direct() {
    return DirectMemory.taken() - before;
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void shouldKeepBlobsOutsideTheHeapAndOnce() throws Exception {
    long heap = heap();
    List<BlobRef> made = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      made.add(owner.blobs().put(Bytes.KIND, Bytes.random(MIB, i)));
    }
    assertDirect(60 * MIB, before);
    List<BlobRef> landed = new ArrayList<>();
    for (BlobRef ref : made) {
      landed.add(get(other.blobs().land(Bytes.KIND, ref)));
    }
    assertTrue(heap() - heap < 8 * MIB, () -> heap() - heap + " bytes of heap");
    assertDirect(120 * MIB, before);
    assertHolds(owner, 60 * MIB);
    assertHolds(other, 60 * MIB);
    for (int i = 0; i < 60; i += 20) {
      assertEquals(other.node(), landed.get(i).node());
      byte[] value = Bytes.random(MIB, i);
      assertArrayEquals(value, get(owner.blobs().fetch(Bytes.KIND, made.get(i))));
      assertArrayEquals(value, get(other.blobs().fetch(Bytes.KIND, landed.get(i))));
    }
    made.forEach(owner.blobs()::release);
    assertHolds(owner, 0);
    assertDirect(60 * MIB, before);
    other.blobs().releaseAll();
    assertHolds(other, 0);
    assertDirect(0, before);
  }

  @Test
  void shouldGiveAllBackWhenItCloses() {
    BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(50 * MIB, 1));
    CompletionStage<byte[]> fetched = other.blobs().fetch(Bytes.KIND, ref);
    CompletionStage<byte[]> waits = other.blobs().fetch(Bytes.KIND, ref);
    assertEquals(1, other.blobs().budget().waiting());
    Eventually.holds(() -> direct() >= 100 * MIB);
    other.close();
    assertTrue(failure(fetched).getMessage().contains("is closed"));
    assertTrue(failure(waits).getMessage().contains("is closed"));
    owner.close();
    for (DataPlane plane : List.of(owner, other)) {
      assertHolds(plane, 0);
    }
    assertTrue(direct() < OTHERS, () -> direct() + " bytes are left");
  }

  /** Whoever takes the memory next writes into it, so what is read too late shows. */
  @Test
  void shouldLiveThroughReleasesWhileBlobsAreOnTheirWay() throws Exception {
    int failed = 0;
    for (int i = 0; i < 60; i++) {
      byte[] value = Bytes.random(3 * MIB, i);
      BlobRef ref = owner.blobs().put(Bytes.KIND, value);
      CompletionStage<byte[]> fetched = other.blobs().fetch(Bytes.KIND, ref);
      CompletionStage<byte[]> here = owner.blobs().fetch(Bytes.KIND, ref);
      new SleepingIdleStrategy(TimeUnit.MICROSECONDS.toNanos(i * 100L)).idle();
      (i % 2 == 0 ? owner : other).blobs().release(ref);
      byte[] next = Bytes.random(3 * MIB, i + 1_000);
      BlobRef after = owner.blobs().put(Bytes.KIND, next);
      assertArrayEquals(value, get(here));
      try {
        assertArrayEquals(value, fetched.toCompletableFuture().join());
      } catch (CompletionException e) {
        assertInstanceOf(BlobMissingException.class, e.getCause());
        failed++;
      }
      owner.blobs().release(after);
    }
    assertTrue(failed > 5, failed + " of them were released on the way");
    assertHolds(owner, 0);
    assertHolds(other, 0);
    assertDirect(0, before);
  }

  @Test
  void shouldPutOffWhatIsFetchedUntilThereIsRoom() throws Exception {
    BlobRef room = other.blobs().put(Bytes.KIND, new byte[LIMIT / 2]);
    List<CompletionStage<byte[]>> fetched = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      BlobRef ref = owner.blobs().put(Bytes.KIND, Bytes.random(10 * MIB, i));
      fetched.add(other.blobs().fetch(Bytes.KIND, ref));
      fetched.add(other.blobs().fetch(Bytes.KIND, ref));
      assertTrue(other.blobs().budget().free() >= 0, "more than there is room for");
    }
    for (int i = 0; i < fetched.size(); i++) {
      assertArrayEquals(Bytes.random(10 * MIB, i / 2), get(fetched.get(i)));
    }
    assertTrue(other.counters().get("put-off") > 0, other.counters()::toString);
    other.blobs().release(room);
    assertHolds(other, 0);
  }

  /** Both are full, and what each has is released when the other has read it. */
  @Test
  void shouldReadThoughTheStoreIsFull() throws Exception {
    byte[] mine = Bytes.random(LIMIT, 1);
    byte[] theirs = Bytes.random(LIMIT, 2);
    BlobRef here = owner.blobs().put(Bytes.KIND, mine);
    BlobRef there = other.blobs().put(Bytes.KIND, theirs);
    CompletionStage<byte[]> read = owner.blobs().fetch(Bytes.KIND, there);
    CompletionStage<byte[]> second = owner.blobs().fetch(Bytes.KIND, there);
    assertEquals(1, owner.blobs().budget().waiting());
    assertTrue(owner.blobs().budget().free() < 0);
    assertArrayEquals(mine, get(other.blobs().fetch(Bytes.KIND, here)));
    assertArrayEquals(theirs, get(read));
    assertArrayEquals(theirs, get(second));
    assertInstanceOf(BlobStoreFullException.class, failure(other.blobs().land(Bytes.KIND, here)));
    other.blobs().release(there);
    Eventually.holds(() -> other.blobs().budget().kept() == 0);
    assertEquals(LIMIT, get(other.blobs().land(Bytes.KIND, here)).length());
  }

  @Test
  void shouldSayWhatIsTooLargeForEver() {
    BlobRef huge = new BlobRef(owner.node(), 1, LIMIT + 1, 0);
    for (Throwable failure :
        List.of(
            failure(other.blobs().fetch(Bytes.KIND, huge)),
            failure(other.blobs().land(Bytes.KIND, huge)))) {
      assertTrue(assertInstanceOf(BlobStoreFullException.class, failure).isHopeless());
      assertEquals(
          "a blob of 67108865 bytes does not fit workers.blob-megabytes, which is 64:"
              + " raise the limit to 65 or more, or lower rollout.group-size",
          failure.getMessage());
    }
  }

  @Test
  void shouldKeepNothingOfWhatIsNoValue() {
    BlobRef ref = owner.blobs().put(Bytes.KIND, "no such".getBytes(StandardCharsets.UTF_8));
    BlobRef wrong = new BlobRef(ref.node(), ref.id(), ref.length(), ref.crc() + 1);
    assertInstanceOf(BlobMissingException.class, failure(other.blobs().land(Bytes.KIND, wrong)));
    assertHolds(other, 0);
    assertFalse(other.blobs().holds(wrong));
  }
}
