package io.atelier.actors.ledger.model;

/**
 * That a group was generated.
 *
 * @param worker who did it
 * @param version the one policy version that drew it
 * @param hash content hash of that version, as the worker held it
 * @param images its {@link io.atelier.rollout.ImageGroup}
 * @param trajectory its {@link io.atelier.rollout.Trajectory}
 * @param span when it was computed
 */
public record Generation(
    WorkerId worker, long version, String hash, BlobRef images, BlobRef trajectory, Span span) {

  /** The same with its trajectory in another place. */
  public Generation at(BlobRef place) {
    return new Generation(worker, version, hash, images, place, span);
  }
}
