package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import io.atelier.rollout.flow.StepKernel;
import java.util.Optional;

/**
 * B samples at one trained step. Arrays are (B, channels, height, width) float32 on the network's
 * device.
 *
 * @param kernel the step
 * @param before latents before the step
 * @param after latents after the step
 * @param velocity guided velocities of the current policy, outside the autograd graph
 * @param reference guided velocities of the reference policy; only read if there is a penalty
 * @param oldMean means of the step when it was sampled; only read with guard
 * @param oldLogProbs log-probability of each sample when it was drawn
 * @param proximalLogProbs log-probability of each at the start of the update; empty if it equals
 *     the current one; only read by {@link Staleness#DECOUPLED}
 * @param advantages of the samples, already clipped
 * @param guided velocities of both branches of the guidance; only read if place credit is computed
 *     from them
 * @param places amounts added to the advantage at each place, (B, P); empty if there are none, or
 *     if they are computed from {@code guided}
 */
public record StepSamples(
    StepKernel kernel,
    NDArray before,
    NDArray after,
    NDArray velocity,
    Optional<NDArray> reference,
    Optional<NDArray> oldMean,
    float[] oldLogProbs,
    float[] proximalLogProbs,
    double[] advantages,
    Optional<Branches> guided,
    double[] places) {

  /**
   * Velocities of both branches of the guidance, outside the autograd graph.
   *
   * @param velocities (2 B, channels, height, width), unconditional first
   * @param guidance guidance scale g
   */
  public record Branches(NDArray velocities, double guidance) {}

  /** Without place credit. */
  public StepSamples(
      StepKernel kernel,
      NDArray before,
      NDArray after,
      NDArray velocity,
      Optional<NDArray> reference,
      Optional<NDArray> oldMean,
      float[] oldLogProbs,
      float[] proximalLogProbs,
      double[] advantages) {
    this(
        kernel,
        before,
        after,
        velocity,
        reference,
        oldMean,
        oldLogProbs,
        proximalLogProbs,
        advantages,
        Optional.empty(),
        new double[0]);
  }

  /** Elements D of a sample. */
  int elements() {
    return Math.toIntExact(before.size() / advantages.length);
  }
}
