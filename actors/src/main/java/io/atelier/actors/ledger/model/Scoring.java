package io.atelier.actors.ledger.model;

import io.atelier.reward.Reward;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * That a group was scored.
 *
 * @param worker who did it
 * @param version the one critic version that scored it
 * @param hash content hash of that version, as the worker held it
 * @param scores its rewards
 * @param potentials scores of its completions, one for each trained step; none where credit is not
 *     given by step
 * @param features what the critic learns from; empty without an adversarial part
 * @param pictures of its images for people to look at, see {@link
 *     io.atelier.actors.report.GroupPictures}; empty where none were made. Nothing depends on them
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
    List<Reward.Scored> potentials,
    Optional<BlobRef> features,
    Optional<BlobRef> pictures,
    Span transfer,
    long encoded,
    Span span) {

  /**
   * What the states before a trained step are worth, for each image: one value stands for all
   * images where they share the state.
   */
  public static float[] ofEach(float[] values, int images) {
    if (values.length != 1) {
      return values;
    }
    float[] same = new float[images];
    Arrays.fill(same, values[0]);
    return same;
  }

  /** All that was made with the scores. */
  public List<BlobRef> blobs() {
    return Stream.concat(features.stream(), pictures.stream()).toList();
  }

  /** The same with its features in another place. */
  public Scoring at(Optional<BlobRef> place) {
    return new Scoring(
        worker, version, hash, scores, potentials, place, pictures, transfer, encoded, span);
  }
}
