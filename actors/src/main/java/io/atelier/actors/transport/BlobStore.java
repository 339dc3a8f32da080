package io.atelier.actors.transport;

import io.atelier.actors.ledger.model.BlobRef;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps what a worker produced until it is released, and gives it to whoever holds the reference.
 * Thread-safe. Holds a limited number of bytes, those on their way here included.
 */
public interface BlobStore {

  /**
   * Keeps a value until {@link #release}.
   *
   * @throws BlobStoreFullException if it does not fit the limit
   */
  <T> BlobRef put(BlobKind<T> kind, T value);

  /**
   * Keeps a value that can be done without until {@link #release}, or until another one needs its
   * room.
   *
   * @return empty if it does not fit now
   */
  <T> Optional<BlobRef> offer(BlobKind<T> kind, T value);

  /**
   * The value, pulled from its node if need be, as soon as there is room for that; fails with
   * {@link BlobMissingException} if it is gone, with {@link BlobStoreFullException} if there is
   * never room.
   */
  <T> CompletionStage<T> fetch(BlobKind<T> kind, BlobRef ref);

  /**
   * Keeps a copy here until {@link #release}; what is here already is not copied. Fails with {@link
   * BlobMissingException} if it is gone, with {@link BlobStoreFullException} if there is no room
   * now.
   */
  <T> CompletionStage<BlobRef> land(BlobKind<T> kind, BlobRef ref);

  /** Whether a blob of this node is here. */
  boolean holds(BlobRef ref);

  /** What the blobs of this node count against. */
  MemoryBudget budget();

  /** Bytes that this node holds at most, as encoded. */
  default long limit() {
    return budget().limit();
  }

  /** Lets go of every blob of this node. */
  void releaseAll();

  /** Lets go of a blob; one that is gone already is no error. */
  void release(BlobRef ref);
}
