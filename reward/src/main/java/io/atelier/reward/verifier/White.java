package io.atelier.reward.verifier;

import io.atelier.models.vision.Images;

/**
 * The white background of drawings, as an autoencoder reproduces it: all three channels are {@value
 * #LEAST} or more of 255.
 */
final class White {

  static final int LEAST = 230;

  private White() {}

  /**
   * Whether a pixel is white.
   *
   * @param at offset of its first byte
   */
  static boolean is(byte[] rgb, int at) {
    return (rgb[at] & 255) >= LEAST && (rgb[at + 1] & 255) >= LEAST && (rgb[at + 2] & 255) >= LEAST;
  }

  /** Returns for each pixel of an image, row by row, whether it is not white. */
  static boolean[] not(Images images, int image) {
    boolean[] drawn = new boolean[images.height() * images.width()];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = !is(images.rgb(), image * images.stride() + 3 * i);
    }
    return drawn;
  }
}
