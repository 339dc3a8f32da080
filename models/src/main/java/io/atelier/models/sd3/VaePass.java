package io.atelier.models.sd3;

import ai.djl.ndarray.NDManager;
import io.atelier.models.state.NamedTensors;
import io.atelier.models.tensor.Host;
import io.atelier.models.tensor.Torch;
import io.atelier.models.vision.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Passes sets of images through an autoencoder, without gradients and in small batches. */
public final class VaePass {

  /** Images at once, where memory allows; their last bits depend on it. */
  private static final int BATCH = 32;

  private VaePass() {}

  private static int batch(Vae vae, Images images) {
    return vae.config().together(BATCH, images.height(), images.width());
  }

  /** Latents of the images (posterior means, scaled), (count, channels, h, w) row-major. */
  public static float[] encode(Vae vae, Images images) {
    return Torch.withGradients(
        false,
        () -> {
          List<float[]> parts = new ArrayList<>();
          long length = 0;
          for (Images part : Pixels.batches(images, batch(vae, images))) {
            try (NDManager scope = Torch.newScope()) {
              float[] latents = Host.floats(vae.encodeMean(Pixels.toNative(scope, part)));
              parts.add(latents);
              length += latents.length;
            }
          }
          float[] all = new float[NamedTensors.elements(length)];
          int at = 0;
          for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
          }
          return all;
        });
  }

  /** The images after encoding and decoding, as bytes. */
  public static Images roundTrip(Vae vae, Images images) {
    return roundTrip(vae, images, more -> {});
  }

  /**
   * The same.
   *
   * @param done called after each batch with its number of images
   */
  public static Images roundTrip(Vae vae, Images images, IntConsumer done) {
    return Torch.withGradients(
        false,
        () -> {
          byte[] passed = new byte[images.rgb().length];
          int batch = batch(vae, images);
          for (int from = 0; from < images.count(); from += batch) {
            Images part = images.slice(from, Math.min(images.count(), from + batch));
            try (NDManager scope = Torch.newScope()) {
              Images out =
                  Pixels.toImages(vae.decode(vae.encodeMean(Pixels.toNative(scope, part))));
              if (out.height() != images.height() || out.width() != images.width()) {
                throw new IllegalArgumentException(
                    "the autoencoder makes images of %d x %d of images of %d x %d"
                        .formatted(out.height(), out.width(), images.height(), images.width()));
              }
              System.arraycopy(out.rgb(), 0, passed, from * images.stride(), out.rgb().length);
            }
            done.accept(part.count());
          }
          return new Images(images.count(), images.height(), images.width(), passed);
        });
  }

  /** Mean over images of the peak signal-to-noise ratio of a round trip, in dB. */
  public static double psnr(Vae vae, Images images) {
    Images passed = roundTrip(vae, images);
    double sum = 0;
    int stride = images.stride();
    for (int i = 0; i < images.count(); i++) {
      double error = 0;
      for (int p = i * stride; p < (i + 1) * stride; p++) {
        double d = (images.rgb()[p] & 255) - (passed.rgb()[p] & 255);
        error += d * d;
      }
      sum += 10 * Math.log10(255.0 * 255.0 * stride / Math.max(error, 1e-9));
    }
    return sum / images.count();
  }
}
