package io.atelier.reward.adversarial;

import io.atelier.models.vision.Images;
import io.atelier.models.vision.Rounding;
import io.atelier.rollout.noise.RandomStream;
import java.util.Arrays;
import java.util.function.IntFunction;

/** Blurs images and adds noise to them. */
public final class Augmentation {

  private Augmentation() {}

  /**
   * Augments each image as {@link AugmentationConfig} says.
   *
   * @param random a separate stream for each image, so that the result does not depend on its batch
   */
  static Images apply(AugmentationConfig config, Images images, IntFunction<RandomStream> random) {
    byte[] out = new byte[images.rgb().length];
    int stride = images.stride();
    for (int n = 0; n < images.count(); n++) {
      RandomStream stream = random.apply(n);
      double blur = config.blur() * stream.nextUniform();
      double noise = config.noise() * stream.nextUniform();
      System.arraycopy(of(images.get(n), blur, noise, stream).rgb(), 0, out, n * stride, stride);
    }
    return new Images(images.count(), images.height(), images.width(), out);
  }

  /**
   * Blurs one image, adds noise and rounds to bytes.
   *
   * @param blur standard deviation of a Gaussian blur, in pixels; 0 for none
   * @param noise standard deviation of normal noise on the scale 0..1; 0 for none
   */
  public static Images of(Images image, double blur, double noise, RandomStream random) {
    float[] values = new float[image.rgb().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (image.rgb()[i] & 0xff) / 255f;
    }
    if (blur > 0) {
      float[] weight = kernel(blur);
      values = blurAlong(values, weight, image.height(), 3 * image.width());
      for (int y = 0; y < image.height(); y++) {
        int row = 3 * image.width();
        float[] line = Arrays.copyOfRange(values, y * row, (y + 1) * row);
        System.arraycopy(blurAlong(line, weight, image.width(), 3), 0, values, y * row, row);
      }
    }
    byte[] out = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      double pixel = noise > 0 ? values[i] + noise * random.nextNormal() : values[i];
      out[i] = Rounding.ROUND.toByte((float) pixel);
    }
    return new Images(1, image.height(), image.width(), out);
  }

  /** Weights at -r..r, r = 3 standard deviations rounded up, with sum 1. */
  private static float[] kernel(double deviation) {
    int radius = (int) Math.ceil(3 * deviation);
    float[] weight = new float[2 * radius + 1];
    double sum = 0;
    for (int k = -radius; k <= radius; k++) {
      sum += StrictMath.exp(-k * k / (2 * deviation * deviation));
    }
    for (int k = -radius; k <= radius; k++) {
      weight[k + radius] = (float) (StrictMath.exp(-k * k / (2 * deviation * deviation)) / sum);
    }
    return weight;
  }

  /** Convolves along the first of two axes (length, step), with the border pixel repeated. */
  private static float[] blurAlong(float[] values, float[] weight, int length, int step) {
    int radius = weight.length / 2;
    float[] out = new float[values.length];
    for (int y = 0; y < length; y++) {
      for (int k = -radius; k <= radius; k++) {
        int from = Math.max(0, Math.min(length - 1, y + k)) * step;
        for (int x = 0; x < step; x++) {
          out[y * step + x] += weight[k + radius] * values[from + x];
        }
      }
    }
    return out;
  }
}
