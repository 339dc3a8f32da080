package io.atelier.reward.sum;

import io.atelier.models.vision.ImageCodecs;
import io.atelier.models.vision.Images;
import io.atelier.rollout.Prompt;

/**
 * {@code -kB / 500} of the image as a JPEG of quality 95: the classic reward that is easily hacked,
 * by blank images. Source: DDPO (Black et al. 2023, arXiv 2305.13301), scaled as in Flow-GRPO. Only
 * the order within one JPEG encoder is meaningful; files of another library differ by a few per
 * cent.
 */
final class JpegCompressibility implements ImageReward {

  private static final float QUALITY = 0.95f;

  @Override
  public float[] score(Images images, Prompt prompt) {
    float[] scores = new float[images.count()];
    for (int n = 0; n < scores.length; n++) {
      int bytes = ImageCodecs.jpeg(ImageCodecs.picture(images, n), QUALITY, false).length;
      scores[n] = (float) (-bytes / 1000.0 / 500);
    }
    return scores;
  }
}
