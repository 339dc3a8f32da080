package io.atelier.learner;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Prompt;

/**
 * Samples that pass through the network together in training: a chunk of a group at one trained
 * step, or at one level of noise added to its images. Its gradient depends only on this record, the
 * group's trajectory, the weights and the run's seed, so any node may compute it.
 *
 * @param group index of the group in its learner step
 * @param id the group, which names its noise
 * @param row index of the trained step of the trajectory, or of the noise level, from 0
 * @param from first sample
 * @param to sample after the last one
 * @param prompt prompt of the group
 * @param advantages one for each of these samples, clipped
 * @param proximal log-probabilities of these samples at the start of the learner step; empty if
 *     they are those of the current weights, or not needed
 * @param weight weight of one sample at one step in the whole loss
 * @param places amounts added to the advantage at each place of these samples, (samples, P); empty
 *     if there are none, or if they are computed from the step itself
 */
public record MicroBatch(
    int group,
    GroupId id,
    int row,
    int from,
    int to,
    Prompt prompt,
    double[] advantages,
    float[] proximal,
    double weight,
    double[] places) {

  /** Without place credit that is known before the step. */
  public MicroBatch(
      int group,
      GroupId id,
      int row,
      int from,
      int to,
      Prompt prompt,
      double[] advantages,
      float[] proximal,
      double weight) {
    this(group, id, row, from, to, prompt, advantages, proximal, weight, new double[0]);
  }

  public MicroBatch {
    int samples = to - from;
    if (row < 0
        || from < 0
        || samples < 1
        || advantages.length != samples
        || proximal.length != 0 && proximal.length != samples
        || places.length != 0 && places.length != samples * PlaceGrid.COUNT) {
      throw new IllegalArgumentException(
          "samples %d to %d at trained step %d with %d advantages, %d log-probabilities and %d numbers of places"
              .formatted(from, to, row, advantages.length, proximal.length, places.length));
    }
  }
}
