package io.atelier.actors.transport;

/** A blob does not fit the limit of its store. */
public final class BlobStoreFullException extends RuntimeException {
  public BlobStoreFullException(long length, long held, long limit) {
    super(
        ("a blob of %d bytes does not fit: %d of %d bytes are held;"
                + " raise the limit, or lower the groups per step or the depth")
            .formatted(length, held, limit));
  }
}
