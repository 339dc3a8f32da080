package io.atelier.reward.sum;

import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;

/**
 * Variance of the Laplacian of the luma. With {@code Y = (0.299 R + 0.587 G + 0.114 B) / 255}
 * (ITU-R BT.601) and {@code L = Y(above) + Y(below) + Y(left) + Y(right) - 4 Y} at every pixel that
 * has four neighbours, it is the mean of {@code (L - mean L)^2}. From 0 for a uniform image to 16;
 * drawings of emoji64 have about 0.03. Source: Pech-Pacheco et al. 2000, as a measure of focus.
 *
 * <p>It does not distinguish noise from fine detail, so on its own it is hacked by noise.
 */
public final class Sharpness implements ImageReward {

  /**
   * @throws IllegalArgumentException if no pixel has four neighbours
   */
  @Override
  public float[] score(Images images, Prompt prompt) {
    if (images.height() < 3 || images.width() < 3) {
      throw new IllegalArgumentException(
          "images are %d x %d pixels, and sharpness needs 3 x 3 or more"
              .formatted(images.height(), images.width()));
    }
    float[] scores = new float[images.count()];
    for (int n = 0; n < scores.length; n++) {
      scores[n] = (float) variance(luma(images, n), images.height(), images.width());
    }
    return scores;
  }

  /** Returns luma, (height, width), 0 to 1. */
  private static double[] luma(Images images, int n) {
    byte[] rgb = images.rgb();
    double[] luma = new double[images.height() * images.width()];
    for (int i = 0; i < luma.length; i++) {
      int at = n * images.stride() + 3 * i;
      luma[i] =
          (0.299 * (rgb[at] & 255) + 0.587 * (rgb[at + 1] & 255) + 0.114 * (rgb[at + 2] & 255))
              / 255;
    }
    return luma;
  }

  private static double variance(double[] luma, int height, int width) {
    double sum = 0;
    double squares = 0;
    for (int row = 1; row < height - 1; row++) {
      for (int i = row * width + 1; i < (row + 1) * width - 1; i++) {
        double laplacian =
            luma[i - width] + luma[i + width] + luma[i - 1] + luma[i + 1] - 4 * luma[i];
        sum += laplacian;
        squares += laplacian * laplacian;
      }
    }
    double count = (height - 2.0) * (width - 2);
    double mean = sum / count;
    return Math.max(0, squares / count - mean * mean);
  }
}
