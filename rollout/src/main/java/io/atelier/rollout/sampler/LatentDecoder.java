package io.atelier.rollout.sampler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atelier.models.sd3.Vae;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import io.atelier.models.vision.Rounding;
import java.util.Arrays;

/**
 * Turns latents into 8-bit images: {@code round(255 clamp(y / 2 + 1/2, 0, 1))} of the VAE's output.
 */
public final class LatentDecoder {
  private final Vae vae;
  private final int batch;

  /**
   * @param batch latents that are decoded at once; their bits may depend on it
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
    int height = shape[1] * factor;
    int width = shape[2] * factor;
    byte[] rgb = new byte[Math.multiplyExact(count, 3 * height * width)];
    for (int from = 0; from < count; from += batch) {
      int to = Math.min(count, from + batch);
      float[] part = Arrays.copyOfRange(latents, from * elements, to * elements);
      float[] raw = Torch.withGradients(false, () -> raw(parent, part, shape));
      for (int i = from; i < to; i++) {
        interleave(raw, (i - from) * 3 * height * width, height * width, rgb, i);
      }
    }
    return new Images(count, height, width, rgb);
  }

  private float[] raw(NDManager parent, float[] latents, int[] shape) {
    try (NDManager scope = parent.newSubManager()) {
      int count = latents.length / (shape[0] * shape[1] * shape[2]);
      NDArray z = Host.toNative(scope, latents, count, shape[0], shape[1], shape[2]);
      return Host.floats(vae.decode(z));
    }
  }

  /** One image from planes of channels in about [-1, 1] to bytes of interleaved channels. */
  private static void interleave(float[] raw, int offset, int plane, byte[] rgb, int image) {
    int out = image * 3 * plane;
    for (int pixel = 0; pixel < plane; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        float value = raw[offset + channel * plane + pixel] / 2 + 0.5f;
        rgb[out + 3 * pixel + channel] = Rounding.ROUND.toByte(value);
      }
    }
  }
}
