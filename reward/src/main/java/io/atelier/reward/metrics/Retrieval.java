package io.atelier.reward.metrics;

import java.util.List;

/**
 * Finds the concept of an image: that of the gallery image with the nearest feature direction.
 * Gallery and samples are each centred on their own mean, which removes the common style and leaves
 * the content.
 */
public final class Retrieval {

  private final FeatureMatrix gallery;
  private final int concepts;

  /** Creates a gallery in which row c is concept c. */
  public Retrieval(FeatureMatrix gallery) {
    this(gallery.directions(gallery.mean()), gallery.rows());
  }

  private Retrieval(FeatureMatrix directions, int concepts) {
    this.gallery = directions;
    this.concepts = concepts;
  }

  /**
   * Creates a gallery of every concept in several styles, each style centred on its own mean; row c
   * of a style is concept c.
   */
  public static Retrieval ofStyles(List<FeatureMatrix> styles) {
    List<FeatureMatrix> centred = styles.stream().map(s -> s.directions(s.mean())).toList();
    return new Retrieval(FeatureMatrix.under(centred), styles.get(0).rows());
  }

  /**
   * Returns the share of samples whose nearest gallery image by cosine is of their own concept, 0
   * to 1.
   *
   * @param samples features of many different concepts; with fewer than about a hundred, their mean
   *     and so the measure are imprecise
   * @param concepts the concept that each sample should show
   */
  public double topOne(FeatureMatrix samples, List<Integer> concepts) {
    if (concepts.size() != samples.rows()) {
      throw new IllegalArgumentException(
          "%d samples but %d concepts".formatted(samples.rows(), concepts.size()));
    }
    int[] nearest = new int[samples.rows()];
    samples
        .directions(samples.mean())
        .eachRowOfDots(
            gallery,
            (i, cosines, at) -> {
              for (int j = 1; j < gallery.rows(); j++) {
                nearest[i] = cosines[at + j] > cosines[at + nearest[i]] ? j : nearest[i];
              }
            });
    int hits = 0;
    for (int i = 0; i < nearest.length; i++) {
      hits += nearest[i] % this.concepts == concepts.get(i) ? 1 : 0;
    }
    return (double) hits / samples.rows();
  }
}
