package io.atelier.reward.verifier;

import io.atelier.models.vision.Images;
import java.util.Arrays;

/** A white image to draw on. */
final class Canvas {
  private final int width;
  private final byte[] rgb;

  Canvas(int height, int width) {
    this.width = width;
    this.rgb = new byte[3 * height * width];
    Arrays.fill(rgb, (byte) 255);
  }

  /** Fills a square of {@code side} pixels, whose upper left one is at {@code row, column}. */
  Canvas square(int row, int column, int side, int red, int green, int blue) {
    for (int i = row; i < row + side; i++) {
      for (int j = column; j < column + side; j++) {
        int at = 3 * (i * width + j);
        rgb[at] = (byte) red;
        rgb[at + 1] = (byte) green;
        rgb[at + 2] = (byte) blue;
      }
    }
    return this;
  }

  Canvas black(int row, int column, int side) {
    return square(row, column, side, 0, 0, 0);
  }

  Images image() {
    return new Images(1, rgb.length / 3 / width, width, rgb);
  }
}
