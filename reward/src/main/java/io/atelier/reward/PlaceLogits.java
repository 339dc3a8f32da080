package io.atelier.reward;

/**
 * What a discriminator thinks of the places of images by one of its maps.
 *
 * @param rows places above each other
 * @param columns places beside each other
 * @param values logit of each place, (images, rows, columns); NaN where none was asked for
 */
public record PlaceLogits(int rows, int columns, float[] values) {

  public PlaceLogits {
    if (rows < 1 || columns < 1 || values.length % ((long) rows * columns) != 0) {
      throw new IllegalArgumentException(
          "%d logits are not those of images with %d x %d places"
              .formatted(values.length, rows, columns));
    }
  }
}
