package io.atelier.actors.transport;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A blob store within one JVM: a reference resolves to the very object, with no copy. */
public final class LocalBlobStore implements BlobStore {
  private final String node;
  private final long limit;
  private final Map<Long, Object> values = new HashMap<>();
  private long lastId;
  private long held;

  /**
   * @param node name of this JVM
   * @param limit bytes held at most
   */
  public LocalBlobStore(String node, long limit) {
    this.node = node;
    this.limit = limit;
  }

  @Override
  public synchronized <T> BlobRef put(BlobKind<T> kind, T value) {
    long length = kind.codec().length(value);
    if (length > limit - held) {
      throw new BlobStoreFullException(length, held, limit);
    }
    held += length;
    values.put(++lastId, value);
    return new BlobRef(node, lastId, length, 0);
  }

  @Override
  public synchronized <T> CompletionStage<T> fetch(BlobKind<T> kind, BlobRef ref) {
    Object value = ref.node().equals(node) ? values.get(ref.id()) : null;
    return value == null
        ? CompletableFuture.failedFuture(new BlobMissingException(ref))
        : CompletableFuture.completedFuture(kind.type().cast(value));
  }

  @Override
  public synchronized void releaseAll() {
    values.clear();
    held = 0;
  }

  @Override
  public synchronized void release(BlobRef ref) {
    if (ref.node().equals(node) && values.remove(ref.id()) != null) {
      held -= ref.length();
    }
  }

  /** Bytes held now. */
  public synchronized long held() {
    return held;
  }
}
