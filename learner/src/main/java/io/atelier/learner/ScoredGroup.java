package io.atelier.learner;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import io.atelier.rollout.Trajectory;

/**
 * A group ready to be trained on.
 *
 * @param id the group
 * @param prompt its prompt
 * @param trajectory the trained steps of its samples, or their clean latents
 * @param reward one value for each sample
 * @param potential for each trained step and sample, the score of the image that the state before
 *     the step leads to without further noise, (T, G); empty if credit is not given by step
 * @param places score of each place of each sample, (G, P); empty without place scores
 * @param policyVersion policy version that sampled it
 * @param criticVersion critic version that scored it
 */
public record ScoredGroup(
    GroupId id,
    Prompt prompt,
    Trajectory trajectory,
    float[] reward,
    float[][] potential,
    float[] places,
    long policyVersion,
    long criticVersion) {

  /** Without scores of places. */
  public ScoredGroup(
      GroupId id,
      Prompt prompt,
      Trajectory trajectory,
      float[] reward,
      float[][] potential,
      long policyVersion,
      long criticVersion) {
    this(id, prompt, trajectory, reward, potential, new float[0], policyVersion, criticVersion);
  }
}
