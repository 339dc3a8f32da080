package io.atelier.actors.transport;

/** A blob does not fit the limit of its store, now or ever. */
public final class BlobStoreFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean hopeless;

  public BlobStoreFullException(long length, long held, long limit) {
    super(
        length > limit
            ? "a blob of %d bytes does not fit workers.blob-megabytes, which is %d: raise the limit to %d or more, or lower rollout.group-size"
                .formatted(length, limit >> 20, (length >> 20) + 1)
            : ("a blob of %d bytes does not fit: %d of %d bytes are held;"
                    + " raise the limit workers.blob-megabytes, or lower rollout.group-size, the groups per"
                    + " step or the depth")
                .formatted(length, held, limit));
    this.hopeless = length > limit;
  }

  /** Whether an error is that something does not fit a store now, but may later. */
  public static boolean isForNow(Throwable error) {
    return error instanceof BlobStoreFullException full && !full.hopeless;
  }

  /** Whether it would not fit an empty store either. */
  public boolean isHopeless() {
    return hopeless;
  }
}
