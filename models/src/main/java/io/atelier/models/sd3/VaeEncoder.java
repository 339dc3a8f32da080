package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Encoder;
import io.atelier.models.vision.EncoderConfig;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Resize;
import java.util.List;
import java.util.Map;

/**
 * The autoencoder of a pipeline as a frozen encoder: its one map is the latents from {@link
 * VaePass#encode}. Images are encoded one at a time, so that their last bits do not depend on the
 * rest of the batch. Not thread-safe: one compute thread owns it.
 */
public final class VaeEncoder implements Encoder {

  /** Name of the map. */
  public static final String LATENTS = "latents";

  private final NDManager scope;
  private final Vae vae;
  private final EncoderConfig config;

  /**
   * @param config side that images are resized to, a multiple of {@link VaeConfig#factor}, and the
   *     method
   */
  public VaeEncoder(PipelineFolder folder, EncoderConfig config) {
    requireWhole(folder.vaeConfig(), config.pixels());
    this.config = config;
    this.scope = Torch.newScope();
    try {
      this.vae = folder.loadVae(scope);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** Rejects a side that is not a whole number of latent positions. */
  public static void requireWhole(VaeConfig vae, int pixels) {
    if (pixels % vae.factor() != 0) {
      throw new IllegalArgumentException(
          "encoder-pixels is %d, must be a multiple of %d for the model's autoencoder"
              .formatted(pixels, vae.factor()));
    }
  }

  @Override
  public String id() {
    return "vae@%d".formatted(config.pixels());
  }

  @Override
  public List<String> vectors() {
    return List.of();
  }

  @Override
  public List<String> maps() {
    return List.of(LATENTS);
  }

  @Override
  public Map<String, Feature> encode(Images images) {
    int side = config.pixels();
    Images resized =
        images.height() == side && images.width() == side
            ? images
            : Resize.pillow(images, side, side, config.filter());
    int places = side / vae.config().factor();
    int channels = vae.config().latentChannels();
    float[] latents = new float[NamedTensors.elements(images.count(), channels, places, places)];
    for (int i = 0; i < images.count(); i++) {
      float[] one = VaePass.encode(vae, resized.select(new int[] {i}));
      System.arraycopy(one, 0, latents, i * one.length, one.length);
    }
    return Map.of(
        LATENTS, new Feature(new long[] {images.count(), channels, places, places}, latents));
  }

  @Override
  public void close() {
    scope.close();
  }
}
