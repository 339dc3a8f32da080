package io.atelier.reward.artifact;

/**
 * Pairs of a clean and a damaged image, of the same image or the same prompt.
 *
 * @param kind kind of damage, or source of the pairs
 * @param clean clean images
 * @param damaged damaged counterpart of each, at the same index
 */
public record PairSet(String kind, SeenImages clean, SeenImages damaged) {

  public PairSet {
    int count = clean.features().count();
    if (count != damaged.features().count()) {
      throw new IllegalArgumentException(
          "%s: %d clean images and %d damaged ones are no pairs"
              .formatted(kind, count, damaged.features().count()));
    }
  }

  /** Returns the number of pairs. */
  public int count() {
    return clean.features().count();
  }

  /** Returns the pairs at {@code places}, in that order. */
  public PairSet select(int[] places) {
    return new PairSet(kind, clean.select(places), damaged.select(places));
  }
}
