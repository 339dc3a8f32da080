package io.atelier.reward.adversarial;

import io.atelier.models.vision.Images;
import io.atelier.models.vision.Rounding;
import io.atelier.rollout.noise.RandomStream;
import java.util.Arrays;
import java.util.function.IntFunction;

/** Applies {@link AugmentationConfig} to images. */
final class Augmentation {

  private Augmentation() {}

  /**
   * The images, each blurred and then overlaid with noise, rounded to bytes again.
   *
   * @param random a stream of its own for each image, so that an image does not change with its
   *     batch
   */
  static Images apply(AugmentationConfig config, Images images, IntFunction<RandomStream> random) {
    byte[] out = new byte[images.rgb().length];
    int stride = images.stride();
    for (int n = 0; n < images.count(); n++) {
      RandomStream stream = random.apply(n);
      double blur = config.blur() * stream.nextUniform();
      double noise = config.noise() * stream.nextUniform();
      float[] values = new float[stride];
      for (int i = 0; i < stride; i++) {
        values[i] = (images.rgb()[n * stride + i] & 0xff) / 255f;
      }
      if (blur > 0) {
        float[] weight = kernel(blur);
        values = blurAlong(values, weight, images.height(), 3 * images.width());
        for (int y = 0; y < images.height(); y++) {
          int row = 3 * images.width();
          float[] line = Arrays.copyOfRange(values, y * row, (y + 1) * row);
          System.arraycopy(blurAlong(line, weight, images.width(), 3), 0, values, y * row, row);
        }
      }
      for (int i = 0; i < stride; i++) {
        double pixel = noise > 0 ? values[i] + noise * stream.nextNormal() : values[i];
        out[n * stride + i] = Rounding.ROUND.toByte((float) pixel);
      }
    }
    return new Images(images.count(), images.height(), images.width(), out);
  }

  /** Weights at -r..r, r = 3 deviations rounded up, with sum 1. */
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

  /** Convolves along the first of two axes (length, step); the border pixel repeats. */
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
