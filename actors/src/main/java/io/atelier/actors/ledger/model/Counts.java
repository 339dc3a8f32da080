package io.atelier.actors.ledger.model;

/**
 * Where the groups of a run have gone; {@code admitted = trained + dropped + open} at all times. A
 * group that is replaced counts as dropped, and its replacement as admitted.
 *
 * @param admitted groups ever started
 * @param trained groups that entered an update
 * @param dropped groups given up, each with a reason in the journal
 * @param open groups on their way
 * @param regenerated times a complete group was generated or scored again since it had become too
 *     old
 * @param released times a lease ended without a result and its group went to another worker
 * @param discarded late or doubled results that were thrown away
 */
public record Counts(
    long admitted,
    long trained,
    long dropped,
    long open,
    long regenerated,
    long released,
    long discarded) {

  public boolean balanced() {
    return admitted == trained + dropped + open;
  }
}
