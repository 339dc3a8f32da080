package io.atelier.learner.grpo;

import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.sampler.Conditions;
import java.util.List;

/** Evaluates an objective on micro-batches at the current weights. */
interface BatchGradient {

  /**
   * Adds the gradient of a micro-batch to the accumulated gradients of the weights.
   *
   * @param whole trajectory of the whole group
   * @return loss terms, one for each sample
   */
  List<LossTerms> accumulate(Conditions conditions, MicroBatch batch, Trajectory whole);

  /**
   * Returns log-probabilities of some samples of a group under the current policy, (rows, B).
   *
   * @param from index of the first of them in the group
   * @param slice trajectory of these samples
   */
  float[] logProbs(Conditions conditions, GroupId id, int from, Trajectory slice);
}
