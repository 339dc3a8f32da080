package io.atelier.reward.artifact;

/**
 * Pairs of the same image, or of the same prompt: clean and damaged.
 *
 * @param kind of damage, or where the pairs come from
 * @param clean clean images
 * @param damaged of each the damaged counterpart, at the same place
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

  /** Pairs in the set. */
  public int count() {
    return clean.features().count();
  }

  /** The pairs at {@code places}, in that order. */
  public PairSet select(int[] places) {
    return new PairSet(kind, clean.select(places), damaged.select(places));
  }
}
