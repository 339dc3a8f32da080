package io.atelier.actors.conductor;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.event.Effect;
import io.atelier.actors.ledger.event.Event;
import io.atelier.actors.ledger.model.BlobRef;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Copies what training needs of a group to the conductor's node; what is there already is not
 * copied.
 *
 * @param blobs of that node
 */
record Landing(BlobStore blobs) {

  /**
   * Fails if a blob is gone, or if there is no room for it; then nothing of the group stays here,
   * and all stays where it was.
   */
  CompletableFuture<Event> land(Effect.Land land) {
    return copy(Blobs.TRAJECTORY, land.trajectory())
        .thenCompose(
            trajectory ->
                land.features()
                    .map(ref -> copy(Blobs.FEATURES, ref).thenApply(Optional::of))
                    .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()))
                    .whenComplete(
                        (features, error) -> {
                          if (error != null) {
                            moved(trajectory, land.trajectory());
                          }
                        })
                    .thenApply(features -> landed(land, trajectory, features)));
  }

  /** The copies stand in for what was copied. */
  private Event landed(Effect.Land land, BlobRef trajectory, Optional<BlobRef> features) {
    moved(land.trajectory(), trajectory);
    features.ifPresent(copy -> moved(land.features().orElseThrow(), copy));
    return new Event.Landed(land.id(), land.order(), trajectory, features);
  }

  /** Releases one of two equal blobs, unless it is the other one. */
  private void moved(BlobRef released, BlobRef kept) {
    if (!released.equals(kept)) {
      blobs.release(released);
    }
  }

  private <T> CompletableFuture<BlobRef> copy(BlobKind<T> kind, BlobRef ref) {
    return blobs.land(kind, ref).toCompletableFuture();
  }
}
