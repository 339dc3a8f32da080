package io.atelier.models.ocr;

import io.atelier.models.vision.Images;
import io.atelier.models.vision.Pixels;

/** Input of networks that were trained on the channels B, G, R. */
final class Bgr {

  private Bgr() {}

  /**
   * {@code (byte / 255 - mean) / std}.
   *
   * @param mean means of the channels B, G, R in this order
   * @param std standard deviations of the channels B, G, R in this order
   */
  static Pixels normalised(Images images, float[] mean, float[] std) {
    byte[] rgb = images.rgb();
    byte[] bgr = new byte[rgb.length];
    for (int i = 0; i < rgb.length; i += 3) {
      bgr[i] = rgb[i + 2];
      bgr[i + 1] = rgb[i + 1];
      bgr[i + 2] = rgb[i];
    }
    return Pixels.normalised(
        new Images(images.count(), images.height(), images.width(), bgr), mean, std);
  }
}
