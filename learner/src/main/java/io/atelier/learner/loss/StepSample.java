package io.atelier.learner.loss;

import io.atelier.rollout.flow.StepKernel;

/**
 * One sample at one trained step. The arrays hold a batch; the sample is {@code count} elements
 * from {@code offset}, at the same places in each.
 *
 * @param kernel the step
 * @param before latents before the step
 * @param after latents after the step
 * @param velocity guided velocities that the policy gives now
 * @param reference guided velocities of the reference policy; empty if there is no penalty
 * @param oldMean means of the step when it was sampled; empty without guard
 * @param offset first element of the sample in all of these
 * @param count elements D of the sample
 * @param oldLogProb log-probability when it was sampled
 * @param proximalLogProb log-probability at the start of the update; only read by {@link
 *     Staleness#DECOUPLED}
 * @param advantage of the sample, already limited
 */
public record StepSample(
    StepKernel kernel,
    float[] before,
    float[] after,
    float[] velocity,
    float[] reference,
    float[] oldMean,
    int offset,
    int count,
    float oldLogProb,
    float proximalLogProb,
    double advantage) {

  /** Log-probability of the step under the velocity. */
  public float logProb() {
    return kernel.logProb(before, velocity, after, offset, count);
  }
}
