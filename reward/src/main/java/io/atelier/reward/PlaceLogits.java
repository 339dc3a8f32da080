package io.atelier.reward;

/**
 * A discriminator's logits of the places of images, from one of its maps.
 *
 * @param rows rows of places
 * @param columns columns of places
 * @param values logit of each place, (images, rows, columns); NaN for places that were not judged
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
