package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * B clean latents with noise of one level added. Arrays are (B, channels, height, width) float32 on
 * the network's device.
 *
 * @param sigma the level, above 0 to 1
 * @param target velocities {@code noise - x0}
 * @param velocity guided velocities of the current policy, outside the autograd graph
 * @param reference guided velocities of the reference policy; only read if there is a penalty
 * @param oldLogProbs log-probability of each at the start of the learner step; empty if it equals
 *     the current one
 * @param advantages of the samples, already clipped
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
