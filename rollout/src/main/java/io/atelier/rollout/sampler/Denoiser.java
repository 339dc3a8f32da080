package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.WholeNetwork;
import io.atelier.rollout.flow.SigmaSchedule;

/**
 * The part of a text-to-image model that turns noise into latents: all that a learner needs.
 *
 * @param network the velocity network
 * @param reference the network of the reference policy; the same one where an adapter is trained,
 *     which is detached for it
 * @param shift ratio of the noise schedule that favours noisy levels
 * @param trainTimesteps noise levels that the model was trained with
 */
public record Denoiser(Mmdit network, Mmdit reference, double shift, int trainTimesteps) {

  /**
   * Loads it from a pipeline folder.
   *
   * @param scope owns the weights
   */
  public static Denoiser load(NDManager scope, PipelineFolder folder) {
    Mmdit network = folder.loadTransformer(scope);
    return new Denoiser(network, network, folder.scheduleShift(), folder.trainTimesteps());
  }

  /**
   * Loads it for a caller that trains or replaces a part of the network.
   *
   * @param scope owns the weights
   * @param referred whether the reference is needed
   */
  public static Denoiser load(
      NDManager scope, PipelineFolder folder, Trained trained, boolean referred) {
    Mmdit network = folder.loadTransformer(scope, trained);
    boolean other = referred && trained instanceof WholeNetwork;
    return new Denoiser(
        network,
        other ? folder.loadTransformer(scope) : network,
        folder.scheduleShift(),
        folder.trainTimesteps());
  }

  /** The noise levels of sampling in {@code steps} steps. */
  public SigmaSchedule schedule(int steps) {
    return SigmaSchedule.shifted(steps, shift, trainTimesteps);
  }
}
