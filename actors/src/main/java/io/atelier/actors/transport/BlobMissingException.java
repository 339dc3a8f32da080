package io.atelier.actors.transport;

import io.atelier.actors.ledger.model.BlobRef;

/** A blob was asked for that its node does not have, or that could not be had from it. */
public final class BlobMissingException extends RuntimeException {
  public BlobMissingException(BlobRef ref) {
    this(ref, "it was released, or the node restarted");
  }

  public BlobMissingException(BlobRef ref, String reason) {
    super("blob %d of node %s is missing: %s".formatted(ref.id(), ref.node(), reason));
  }
}
