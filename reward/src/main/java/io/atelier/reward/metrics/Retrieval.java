package io.atelier.reward.metrics;

import java.util.List;

/**
 * Finds which concept of a gallery an image shows: the gallery image whose feature direction is
 * nearest. Gallery and samples are centred each on its own mean, which takes the common style out
 * and leaves the content.
 */
public final class Retrieval {

  private final FeatureMatrix gallery;

  /** A gallery in which row c is concept c. */
  public Retrieval(FeatureMatrix gallery) {
    this.gallery = gallery.directions(gallery.mean());
  }

  /**
   * Share of samples whose nearest gallery image by cosine is of their own concept, 0 to 1.
   *
   * @param samples features of many different concepts; with fewer than about a hundred their mean,
   *     and so the measure, is rough
   * @param concepts the concept that each sample was asked to show
   */
  public double topOne(FeatureMatrix samples, List<Integer> concepts) {
    if (concepts.size() != samples.rows()) {
      throw new IllegalArgumentException(
          "%d samples but %d concepts".formatted(samples.rows(), concepts.size()));
    }
    float[] cosines = samples.directions(samples.mean()).dots(gallery);
    int hits = 0;
    for (int i = 0; i < samples.rows(); i++) {
      int best = 0;
      for (int j = 1; j < gallery.rows(); j++) {
        if (cosines[i * gallery.rows() + j] > cosines[i * gallery.rows() + best]) {
          best = j;
        }
      }
      hits += best == concepts.get(i) ? 1 : 0;
    }
    return (double) hits / samples.rows();
  }
}
