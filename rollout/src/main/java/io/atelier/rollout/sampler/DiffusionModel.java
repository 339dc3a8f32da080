package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDManager;
import io.atelier.models.condition.RewardCondition;
import io.atelier.models.sd3.Mmdit;
import io.atelier.models.sd3.MmditConfig;
import io.atelier.models.sd3.PipelineFolder;
import io.atelier.models.sd3.Trained;
import io.atelier.models.sd3.Vae;
import io.atelier.models.sd3.VaeConfig;
import io.atelier.rollout.flow.SigmaSchedule;
import java.util.Optional;

/**
 * The parts of a text-to-image model. Closing it closes the text encoders' tokenizers; weights
 * belong to the scope they were loaded into.
 *
 * @param denoiser the velocity network and its noise levels
 * @param vae decodes latents
 * @param text encodes prompts
 * @param rewards embeds rewards for the network; empty for a model conditioned on text only
 */
public record DiffusionModel(
    Denoiser denoiser, Vae vae, TextFeatures text, Optional<RewardCondition> rewards)
    implements AutoCloseable {

  /** A model conditioned on text only. */
  public DiffusionModel(Denoiser denoiser, Vae vae, TextFeatures text) {
    this(denoiser, vae, text, Optional.empty());
  }

  /**
   * Loads all parts of a pipeline folder.
   *
   * @param scope owns the weights
   * @param t5Length T5 tokens per prompt, if the model has T5
   */
  public static DiffusionModel load(NDManager scope, PipelineFolder folder, int t5Length) {
    return new DiffusionModel(
        Denoiser.load(scope, folder),
        folder.loadVae(scope),
        TextEncoders.open(scope, folder, t5Length),
        folder.loadRewardCondition(scope));
  }

  /**
   * The same for a caller that replaces a part of the network.
   *
   * @param trained the part
   */
  public static DiffusionModel load(
      NDManager scope, PipelineFolder folder, int t5Length, Trained trained) {
    return new DiffusionModel(
        Denoiser.load(scope, folder, trained, false),
        folder.loadVae(scope),
        TextEncoders.open(scope, folder, t5Length),
        folder.loadRewardCondition(scope));
  }

  /** The velocity network. */
  public Mmdit network() {
    return denoiser.network();
  }

  /** The noise levels of sampling in {@code steps} steps. */
  public SigmaSchedule schedule(int steps) {
    return denoiser.schedule(steps);
  }

  /**
   * (channels, height, width) of the latents of images.
   *
   * @throws IllegalArgumentException if the model cannot draw images of this size
   */
  public int[] latentShape(int height, int width) {
    return latentShape(network().config(), vae.config(), height, width);
  }

  /** The same without a loaded model. */
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
