package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Pixels;
import io.atelier.models.sd3.Vae;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns latents into 8-bit images: {@code round(255 clamp(y / 2 + 1/2, 0, 1))} of the VAE's output.
 */
public final class LatentDecoder {
  private final Vae vae;
  private final int batch;

  /**
   * @param batch latents that are decoded at once, where memory allows; their bits may depend on it
   */
  public LatentDecoder(Vae vae, int batch) {
    this.vae = vae;
    this.batch = batch;
  }

  /**
   * Images of latents at noise level 0.
   *
   * @param latents (B, D) row-major
   * @param shape (channels, height, width) of a latent
   */
  public Images decode(NDManager parent, float[] latents, int[] shape) {
    int elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    int count = latents.length / elements;
    int factor = vae.config().factor();
    int together = vae.config().together(batch, shape[1] * factor, shape[2] * factor);
    List<Images> parts = new ArrayList<>();
    for (int from = 0; from < count; from += together) {
      int to = Math.min(count, from + together);
      float[] part = Arrays.copyOfRange(latents, from * elements, to * elements);
      parts.add(Torch.withGradients(false, () -> decodeBatch(parent, part, shape)));
    }
    return Images.concat(parts.toArray(Images[]::new));
  }

  private Images decodeBatch(NDManager parent, float[] latents, int[] shape) {
    try (NDManager scope = parent.newSubManager()) {
      int count = latents.length / (shape[0] * shape[1] * shape[2]);
      NDArray z = Host.toNative(scope, latents, count, shape[0], shape[1], shape[2]);
      return Pixels.toImages(vae.decode(z));
    }
  }
}
