package io.atelier.actors.transport.blob;

import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobMissingException;
import io.atelier.actors.transport.BlobStore;
import io.atelier.actors.transport.BlobStoreFullException;
import io.atelier.actors.transport.MemoryBudget;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A blob store within one JVM: a reference resolves to the very object, with no copy. */
public final class LocalBlobStore implements BlobStore {
  private final String node;
  private final MemoryBudget budget;

  private record Kept(Object value, long length) {}

  private final Map<Long, Kept> values = new HashMap<>();

  /** What can be done without, oldest first. */
  private final Set<Long> spare = new LinkedHashSet<>();

  private long lastId;

  /**
   * @param node name of this JVM
   * @param limit bytes held at most
   */
  public LocalBlobStore(String node, long limit) {
    this.node = node;
    this.budget = new MemoryBudget(limit);
  }

  @Override
  public synchronized <T> BlobRef put(BlobKind<T> kind, T value) {
    long length = kind.codec().length(value);
    while (length > budget.free() && !spare.isEmpty()) {
      drop(spare.iterator().next());
    }
    if (!budget.keep(length)) {
      throw new BlobStoreFullException(length, held(), limit());
    }
    values.put(++lastId, new Kept(value, length));
    return new BlobRef(node, lastId, length, 0);
  }

  @Override
  public synchronized <T> Optional<BlobRef> offer(BlobKind<T> kind, T value) {
    if (kind.codec().length(value) > budget.free()) {
      return Optional.empty();
    }
    BlobRef ref = put(kind, value);
    spare.add(ref.id());
    return Optional.of(ref);
  }

  @Override
  public synchronized <T> CompletionStage<T> fetch(BlobKind<T> kind, BlobRef ref) {
    Kept kept = ref.node().equals(node) ? values.get(ref.id()) : null;
    return kept == null
        ? CompletableFuture.failedFuture(new BlobMissingException(ref))
        : CompletableFuture.completedFuture(kind.type().cast(kept.value()));
  }

  /** All that there is to land is here. */
  @Override
  public synchronized <T> CompletionStage<BlobRef> land(BlobKind<T> kind, BlobRef ref) {
    return ref.node().equals(node)
        ? CompletableFuture.completedFuture(ref)
        : CompletableFuture.failedFuture(new BlobMissingException(ref));
  }

  @Override
  public synchronized void releaseAll() {
    values.clear();
    spare.clear();
    budget.free(held());
  }

  @Override
  public synchronized void release(BlobRef ref) {
    if (ref.node().equals(node)) {
      drop(ref.id());
    }
  }

  private void drop(long id) {
    Kept kept = values.remove(id);
    spare.remove(id);
    if (kept != null) {
      budget.free(kept.length());
    }
  }

  @Override
  public synchronized boolean holds(BlobRef ref) {
    return ref.node().equals(node) && values.containsKey(ref.id());
  }

  @Override
  public MemoryBudget budget() {
    return budget;
  }

  /** Bytes held now. */
  public long held() {
    return budget.kept();
  }
}
