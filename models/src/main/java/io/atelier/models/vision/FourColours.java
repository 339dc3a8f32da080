package io.atelier.models.vision;

import java.awt.image.Raster;

/**
 * Converts a CMYK or YCCK JPEG to RGB as Pillow does: 0 is stored for full ink, and no colour
 * profile is applied.
 */
final class FourColours {

  private FourColours() {}

  /**
   * Converts to one RGB image.
   *
   * @param stored the four channels as stored
   * @param differences whether the first three are brightness and colour differences: YCCK
   */
  static Images rgb(Raster stored, boolean differences) {
    int width = stored.getWidth();
    int height = stored.getHeight();
    byte[] rgb = new byte[Images.bytes(1, height, width)];
    int[] row = new int[4 * width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      stored.getPixels(stored.getMinX(), stored.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        double luma = row[4 * x];
        double blue = row[4 * x + 1] - 128;
        double red = row[4 * x + 2] - 128;
        if (differences) {
          row[4 * x] = 255 - clipped(luma + 1.402 * red);
          row[4 * x + 1] = 255 - clipped(luma - 0.344136 * blue - 0.714136 * red);
          row[4 * x + 2] = 255 - clipped(luma + 1.772 * blue);
        }
        for (int c = 0; c < 3; c++) {
          rgb[to++] = (byte) ((row[4 * x + c] * row[4 * x + 3] + 127) / 255);
        }
      }
    }
    return new Images(1, height, width, rgb);
  }

  private static int clipped(double value) {
    return (int) Math.max(0, Math.min(255, Math.rint(value)));
  }
}
