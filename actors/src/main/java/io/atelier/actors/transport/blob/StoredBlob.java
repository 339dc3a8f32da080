package io.atelier.actors.transport.blob;

import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.wire.Content;
import io.atelier.actors.transport.wire.DirectMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * The bytes of a blob, in memory that is given back when nobody uses it any more: its store, which
 * serves it until the agent thread has let go of it, and whoever decodes it at the moment.
 */
final class StoredBlob {
  private final ByteBuffer memory;
  private final Content content;
  private final LongConsumer freed;

  /** The store is the first. */
  private final AtomicInteger users = new AtomicInteger(1);

  /**
   * @param memory belongs to this from now on
   * @param freed told of the length once the memory is given back
   */
  StoredBlob(ByteBuffer memory, int chunkBytes, LongConsumer freed) {
    this.memory = memory;
    this.content = new Content(memory, chunkBytes, "");
    this.freed = freed;
  }

  Content content() {
    return content;
  }

  long length() {
    return memory.limit();
  }

  /** One user more; only while there is one. */
  StoredBlob use() {
    users.incrementAndGet();
    return this;
  }

  /** The value; for a user. */
  <T> T decode(BlobKind<T> kind) {
    return kind.codec().decode(memory.duplicate().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** A user is done with it. */
  void letGo() {
    if (users.decrementAndGet() == 0) {
      DirectMemory.free(memory);
      freed.accept(memory.limit());
    }
  }
}
