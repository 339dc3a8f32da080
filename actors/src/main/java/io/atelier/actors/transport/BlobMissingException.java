package io.atelier.actors.transport;

/** A blob was asked for that its node does not have, or no longer has. */
public final class BlobMissingException extends RuntimeException {
  public BlobMissingException(BlobRef ref) {
    super(
        "blob %d is not on node %s: it was released, or the node restarted"
            .formatted(ref.id(), ref.node()));
  }
}
