package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.rollout.flow.SigmaSchedule;

/**
 * The part of a text-to-image model that turns noise into latents: all that a learner needs.
 *
 * @param network the velocity network
 * @param shift ratio of the noise schedule that favours noisy levels
 * @param trainTimesteps noise levels that the model was trained with
 */
public record Denoiser(Mmdit network, double shift, int trainTimesteps) {

  /**
   * Loads it from a pipeline folder.
   *
   * @param scope owns the weights
   */
  public static Denoiser load(NDManager scope, PipelineFolder folder) {
    return new Denoiser(
        folder.loadTransformer(scope), folder.scheduleShift(), folder.trainTimesteps());
  }

  /** The noise levels of a path of {@code steps} steps. */
  public SigmaSchedule schedule(int steps) {
    return SigmaSchedule.shifted(steps, shift, trainTimesteps);
  }
}
