package io.atelier.learner.grpo;

import io.atelier.learner.MicroBatch;
import io.atelier.learner.loss.LossTerms;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Trajectory;
import io.atelier.rollout.sampler.Conditions;
import java.util.List;

/** What an objective does with a micro-batch, and with the weights as they are now. */
interface BatchGradient {

  /**
   * Adds the gradient of a micro-batch to what the weights have collected.
   *
   * @param whole trajectory of its group
   * @return terms of the loss, one for each sample
   */
  List<LossTerms> accumulate(Conditions conditions, MicroBatch batch, Trajectory whole);

  /**
   * Log-probabilities of some samples of a group under the policy as it is now, (rows, B).
   *
   * @param from place of the first of them in the group
   * @param slice of these samples
   */
  float[] logProbs(Conditions conditions, GroupId id, int from, Trajectory slice);
}
