package io.atelier.actors.ledger;

import io.atelier.actors.transport.BlobRef;
import io.atelier.reward.Reward;
import java.util.Optional;

/**
 * That a group was scored.
 *
 * @param worker who did it
 * @param version the one critic version that scored it
 * @param hash content hash of that version, as the worker held it
 * @param scores its rewards
 * @param features what the critic learns from; empty without an adversarial part
 * @param transfer when its images were on their way to the worker
 * @param encoded when its images had passed through the encoder; the start of {@code span} if there
 *     is none
 * @param span when it was computed
 */
public record Scoring(
    WorkerId worker,
    long version,
    String hash,
    Reward.Scored scores,
    Optional<BlobRef> features,
    Span transfer,
    long encoded,
    Span span) {

  /** The same with its features in another place. */
  Scoring at(Optional<BlobRef> place) {
    return new Scoring(worker, version, hash, scores, place, transfer, encoded, span);
  }
}
