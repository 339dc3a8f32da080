package io.atelier.models.encoder;

import io.atelier.models.vision.Filter;
import io.atelier.models.vision.Resize;

/**
 * How a table of {@code side x side} positions is resized. All use bicubic interpolation, in
 * different variants; a table of the right size is left unchanged.
 */
public enum PositionTable {
  /**
   * Without antialiasing, the scale widened by a tenth of a position: DINOv2 without registers in
   * its authors' code.
   */
  OFFSET {
    @Override
    float[] resize(float[] planes, int side, int to) {
      double factor = (to + 0.1) / side;
      return Resize.bicubic(planes, side, to, (float) (1 / factor));
    }
  },
  /** Without antialiasing: DINOv2 without registers, and CLIP, in transformers. */
  PLAIN {
    @Override
    float[] resize(float[] planes, int side, int to) {
      return Resize.bicubic(planes, side, to, (float) side / to);
    }
  },
  /** With antialiasing: DINOv2 with registers, and everything in timm and open_clip. */
  ANTIALIASED {
    @Override
    float[] resize(float[] planes, int side, int to) {
      return Resize.antialiased(planes, side, to, Filter.BICUBIC);
    }
  };

  abstract float[] resize(float[] planes, int side, int to);

  /**
   * The resized table.
   *
   * @param table (side · side, width) row-major, without the class token
   * @return (to · to, width)
   */
  float[] at(float[] table, int width, int side, int to) {
    if (side == to) {
      return table;
    }
    return transposed(resize(transposed(table, side * side, width), side, to), width, to * to);
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] out = new float[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        out[column * rows + row] = values[row * columns + column];
      }
    }
    return out;
  }
}
