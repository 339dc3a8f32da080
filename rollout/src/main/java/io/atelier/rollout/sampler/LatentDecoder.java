package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Pixels;
import io.atelier.models.sd3.Vae;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns latents into 8-bit images: {@code round(255 clamp(y / 2 + 1/2, 0, 1))} of the VAE's output.
 */
public final class LatentDecoder {
  private final Vae vae;
  private final int batch;

  /**
   * @param batch latents decoded at once, where memory allows; the last bits may depend on it
   */
  public LatentDecoder(Vae vae, int batch) {
    this.vae = vae;
    this.batch = batch;
  }

  /**
   * Decodes latents at noise level 0.
   *
   * @param latents (B, channels, height, width), float32
   */
  public Images decode(NDArray latents) {
    int count = Math.toIntExact(latents.getShape().get(0));
    int factor = vae.config().factor();
    int height = Math.toIntExact(latents.getShape().get(2)) * factor;
    int width = Math.toIntExact(latents.getShape().get(3)) * factor;
    int together = vae.config().together(batch, height, width);
    List<Images> parts = new ArrayList<>();
    for (int from = 0; from < count; from += together) {
      int first = from;
      int end = Math.min(count, from + together);
      parts.add(Torch.withGradients(false, () -> decode(latents, first, end)));
    }
    return Images.concat(parts.toArray(Images[]::new));
  }

  private Images decode(NDArray latents, int from, int to) {
    try (NDManager scope = latents.getManager().newSubManager()) {
      return Pixels.toImages(vae.decode(Latents.part(scope, latents, from, to)));
    }
  }
}
