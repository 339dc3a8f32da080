package io.atelier.models.ocr;

/**
 * A rectangle of an image, in pixels from its upper left corner.
 *
 * @param left first column
 * @param top first row
 * @param right column after the last
 * @param bottom row after the last
 */
public record Box(int left, int top, int right, int bottom) {

  public Box {
    if (left < 0 || top < 0 || right <= left || bottom <= top) {
      throw new IllegalArgumentException(
          "box of columns %d to %d and rows %d to %d is empty or outside its image"
              .formatted(left, right, top, bottom));
    }
  }

  /** Number of columns. */
  public int width() {
    return right - left;
  }

  /** Number of rows. */
  public int height() {
    return bottom - top;
  }
}
