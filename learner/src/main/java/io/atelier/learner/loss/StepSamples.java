package io.atelier.learner.loss;

import ai.djl.ndarray.NDArray;
import io.atelier.rollout.flow.StepKernel;
import java.util.Optional;

/**
 * B samples at one trained step. Arrays are (B, channels, height, width) float32 where the network
 * computes.
 *
 * @param kernel the step
 * @param before latents before the step
 * @param after latents after the step
 * @param velocity guided velocities that the policy gives now, no part of a graph
 * @param reference guided velocities of the reference policy; only read if there is a penalty
 * @param oldMean means of the step when it was sampled; only read with guard
 * @param oldLogProbs log-probability of each sample when it was drawn
 * @param proximalLogProbs log-probability of each at the start of the update; empty where that is
 *     the one of now; only read by {@link Staleness#DECOUPLED}
 * @param advantages of the samples, already limited
 * @param guided what both branches of the guidance gave; only read where places are told apart by
 *     them
 * @param places what is added to the advantage of each place, (B, P); empty where nothing is, or
 *     where {@code guided} tells it
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
   * Velocities of both branches of the guidance, no part of a graph.
   *
   * @param velocities (2 B, channels, height, width), unconditional first
   * @param guidance scale g
   */
  public record Branches(NDArray velocities, double guidance) {}

  /** Whose places all get the advantage of their sample. */
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
