package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.rollout.flow.SigmaSchedule;

/**
 * The parts of a text-to-image model. Closing it closes the text encoders' tokenizers; weights
 * belong to the scope they were loaded into.
 *
 * @param network the velocity network
 * @param vae decodes latents
 * @param text encodes prompts
 * @param shift ratio of the noise schedule that favours noisy levels
 * @param trainTimesteps noise levels that the model was trained with
 */
public record DiffusionModel(
    Mmdit network, Vae vae, TextFeatures text, double shift, int trainTimesteps)
    implements AutoCloseable {

  /**
   * Loads all parts of a pipeline folder.
   *
   * @param scope owns the weights
   * @param t5Length tokens that T5 reads of a prompt, where the model has one
   */
  public static DiffusionModel load(NDManager scope, PipelineFolder folder, int t5Length) {
    return new DiffusionModel(
        folder.loadTransformer(scope),
        folder.loadVae(scope),
        TextFeatures.of(folder.loadPromptEncoder(scope), t5Length),
        folder.scheduleShift(),
        folder.trainTimesteps());
  }

  /** The noise levels of a path of {@code steps} steps. */
  public SigmaSchedule schedule(int steps) {
    return SigmaSchedule.shifted(steps, shift, trainTimesteps);
  }

  /**
   * (channels, height, width) of the latents of images.
   *
   * @throws IllegalArgumentException if the model draws no images of this size
   */
  public int[] latentShape(int height, int width) {
    return latentShape(network.config(), vae.config(), height, width);
  }

  /** The same, before anything is loaded. */
  public static int[] latentShape(MmditConfig network, VaeConfig vae, int height, int width) {
    int unit = vae.factor() * network.patchSize();
    int largest = unit * network.positions();
    if (height < unit || width < unit || height % unit != 0 || width % unit != 0) {
      throw new IllegalArgumentException(
          "images of %d x %d pixels: height and width must be multiples of %d for this model"
              .formatted(height, width, unit));
    }
    if (Math.max(height, width) > largest) {
      throw new IllegalArgumentException(
          "images of %d x %d pixels: this model draws at most %d along a side"
              .formatted(height, width, largest));
    }
    return new int[] {network.channels(), height / vae.factor(), width / vae.factor()};
  }

  @Override
  public void close() {
    text.close();
  }
}
