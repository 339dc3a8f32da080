package io.atelier.tests.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.blob.LocalBlobStore;
import io.atelier.actors.transport.weights.LocalWeightStream;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class LocalTransportTest {
  private static final BlobKind<byte[]> BYTES = Bytes.KIND;

  @Test
  void shouldHandOverTheSameMemory() {
    LocalBlobStore store = new LocalBlobStore("here", 100);
    byte[] value = new byte[40];
    BlobRef ref = store.put(BYTES, value);
    assertEquals(40, ref.length());
    assertSame(value, store.fetch(BYTES, ref).toCompletableFuture().join());
  }

  @Test
  void shouldHoldNoMoreThanItsLimit() {
    LocalBlobStore store = new LocalBlobStore("here", 100);
    BlobRef first = store.put(BYTES, new byte[60]);
    store.put(BYTES, new byte[40]);
    BlobStoreFullException full =
        assertThrows(BlobStoreFullException.class, () -> store.put(BYTES, new byte[1]));
    assertTrue(full.getMessage().contains("100 of 100 bytes are held"), full::getMessage);
    store.release(first);
    store.release(first);
    assertEquals(40, store.held());
    store.put(BYTES, new byte[60]);
  }

  @Test
  void shouldLetGoOfWhatCanBeDoneWithoutForOthers() {
    LocalBlobStore store = new LocalBlobStore("here", 100);
    store.put(BYTES, new byte[50]);
    BlobRef oldest = store.offer(BYTES, new byte[20]).orElseThrow();
    BlobRef second = store.offer(BYTES, new byte[20]).orElseThrow();
    assertEquals(Optional.empty(), store.offer(BYTES, new byte[11]), "nothing goes for these");
    assertEquals(90, store.held());
    store.put(BYTES, new byte[30]);
    assertInstanceOf(BlobMissingException.class, failure(store.fetch(BYTES, oldest)));
    assertEquals(20, store.fetch(BYTES, second).toCompletableFuture().join().length);
    store.release(oldest);
    assertEquals(100, store.held());
    store.release(second);
    assertThrows(BlobStoreFullException.class, () -> store.put(BYTES, new byte[21]));
  }

  @Test
  void shouldSayThatABlobIsGone() {
    LocalBlobStore store = new LocalBlobStore("here", 100);
    BlobRef ref = store.put(BYTES, new byte[1]);
    store.release(ref);
    assertInstanceOf(BlobMissingException.class, failure(store.fetch(BYTES, ref)));
    BlobRef elsewhere = new BlobRef("there", 1, 1, 0);
    assertInstanceOf(BlobMissingException.class, failure(store.fetch(BYTES, elsewhere)));
  }

  private static Throwable failure(CompletionStage<?> stage) {
    return assertThrows(CompletionException.class, () -> stage.toCompletableFuture().join())
        .getCause();
  }

  @Test
  void shouldKeepVersionsUntilTheyAreRetired() {
    LocalWeightStream<String> stream = new LocalWeightStream<>("policy", 2);
    stream.publish(0, "a");
    stream.publish(1, "b");
    assertEquals(Set.of(0L, 1L), stream.versions());
    assertEquals("a", stream.fetch(0).toCompletableFuture().join());
    assertThrows(IllegalStateException.class, () -> stream.publish(2, "c"));
    stream.retire(0);
    assertThrows(IllegalStateException.class, () -> stream.publish(1, "again"));
    stream.publish(2, "c");
    assertEquals(
        "policy version 0 is not available, only [1, 2]", failure(stream.fetch(0)).getMessage());
  }
}
