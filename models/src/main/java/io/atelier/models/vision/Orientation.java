package io.atelier.models.vision;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The orientation of a picture: tag 274 of EXIF 2.32, 1 to 8. A camera held upright stores its rows
 * sideways and records here how to rotate them for display.
 */
final class Orientation {

  static final int UPRIGHT = 1;

  private static final int TAG = 274;
  private static final int SHORT = 3;
  private static final int ENTRY_BYTES = 12;

  private Orientation() {}

  /**
   * The orientation in an EXIF block, {@link #UPRIGHT} if there is none.
   *
   * @param tiff EXIF data from its byte order mark on
   */
  static int of(byte[] tiff) throws IOException {
    if (tiff.length < 8 || tiff[0] != tiff[1] || tiff[0] != 'I' && tiff[0] != 'M') {
      throw new IOException("its EXIF data has no byte order");
    }
    ByteBuffer data =
        ByteBuffer.wrap(tiff)
            .order(tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long first = data.getInt(4) & 0xffffffffL;
    if (first + 2 > tiff.length) {
      throw new IOException("its EXIF data is cut off");
    }
    int entries = data.getShort((int) first) & 0xffff;
    for (int i = 0; i < entries; i++) {
      long at = first + 2 + (long) i * ENTRY_BYTES;
      if (at + ENTRY_BYTES > tiff.length) {
        throw new IOException("its EXIF data is cut off");
      }
      if ((data.getShort((int) at) & 0xffff) == TAG) {
        int value = data.getShort((int) at + 8) & 0xffff;
        if (data.getShort((int) at + 2) != SHORT || value < 1 || value > 8) {
          throw new IOException("its EXIF orientation is %d, not 1 to 8".formatted(value));
        }
        return value;
      }
    }
    return UPRIGHT;
  }

  /** The image rotated or mirrored to be upright. */
  static Images turned(Images image, int orientation) {
    if (orientation == UPRIGHT) {
      return image;
    }
    int width = image.width();
    int height = image.height();
    boolean sideways = orientation >= 5;
    int columns = sideways ? height : width;
    int rows = sideways ? width : height;
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    int to = 0;
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        int column = sideways ? y : x;
        int row = sideways ? x : y;
        column = mirrored(orientation, 2, 3, 7, 8) ? width - 1 - column : column;
        row = mirrored(orientation, 3, 4, 6, 7) ? height - 1 - row : row;
        System.arraycopy(in, 3 * (row * width + column), out, to, 3);
        to += 3;
      }
    }
    return new Images(1, rows, columns, out);
  }

  private static boolean mirrored(int orientation, int... those) {
    return Arrays.stream(those).anyMatch(each -> each == orientation);
  }
}
