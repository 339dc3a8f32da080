package io.atelier.learner;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.PlaceGrid;
import io.atelier.rollout.Prompt;

/**
 * What passes through the network at once while the policy learns: a chunk of a group at one
 * trained step, or at one level of noise added to its images. Its gradient depends on this, the
 * group's trajectory, the weights and the run's seed, and on nothing else, so it may be computed
 * anywhere.
 *
 * @param group place of the group among those of its learner step
 * @param id the group, which names its noise
 * @param row which of the trained steps of the trajectory, or of the noise levels, from 0
 * @param from first sample
 * @param to sample after the last one
 * @param prompt prompt of the group
 * @param advantages one for each of these samples, limited
 * @param proximal log-probabilities of these samples at the start of the learner step; empty where
 *     they are those of the weights at hand, or not needed
 * @param weight share of a sample at a step in the whole loss
 * @param places what is added to the advantage of each place of these samples, (samples, P); empty
 *     where nothing is, or where the step itself tells it
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

  /** Whose samples have the same credit in all places, as far as is known before the step. */
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
