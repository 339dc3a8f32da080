package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * B clean latents that noise of one level was added to. Arrays are (B, channels, height, width)
 * float32 where the network computes.
 *
 * @param sigma the level, above 0 to 1
 * @param target velocities {@code noise - x0}
 * @param velocity guided velocities that the policy gives now, no part of a graph
 * @param reference guided velocities of the reference policy; only read if there is a penalty
 * @param oldLogProbs log-probability of each at the start of the learner step; empty where that is
 *     the one of now
 * @param advantages of the samples, already limited
 */
public record MatchingSamples(
    double sigma,
    NDArray target,
    NDArray velocity,
    Optional<NDArray> reference,
    float[] oldLogProbs,
    double[] advantages) {

  /** Elements D of a sample. */
  int elements() {
    return Math.toIntExact(target.size() / advantages.length);
  }
}
