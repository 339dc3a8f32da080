package io.atelier.actors.conductor;

import io.atelier.actors.codec.Blobs;
import io.atelier.actors.ledger.BlobRef;
import io.atelier.actors.ledger.Effect;
import io.atelier.actors.ledger.Event;
import io.atelier.actors.transport.BlobKind;
import io.atelier.actors.transport.BlobStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Copies what training needs of a group to the conductor's node; what is there already is not
 * copied.
 *
 * @param blobs of that node
 * @param node its name
 */
record Landing(BlobStore blobs, String node) {

  /** Fails if a blob is gone; then nothing of the group stays here. */
  CompletableFuture<Event> land(Effect.Land land) {
    return land(Blobs.TRAJECTORY, land.trajectory())
        .thenCompose(
            trajectory ->
                land.features()
                    .map(ref -> land(Blobs.FEATURES, ref).thenApply(Optional::of))
                    .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()))
                    .whenComplete((features, error) -> undo(error, land, trajectory))
                    .thenApply(
                        features ->
                            new Event.Landed(land.id(), land.order(), trajectory, features)));
  }

  private <T> CompletableFuture<BlobRef> land(BlobKind<T> kind, BlobRef ref) {
    if (ref.node().equals(node)) {
      return CompletableFuture.completedFuture(ref);
    }
    return blobs
        .fetch(kind, ref)
        .thenApply(
            value -> {
              BlobRef landed = blobs.put(kind, value);
              blobs.release(ref);
              return landed;
            })
        .toCompletableFuture();
  }

  /** Without its features a trajectory is of no use. */
  private void undo(Throwable error, Effect.Land land, BlobRef trajectory) {
    if (error != null && !trajectory.equals(land.trajectory())) {
      blobs.release(trajectory);
    }
  }
}
