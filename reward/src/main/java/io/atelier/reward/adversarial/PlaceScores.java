package io.atelier.reward.adversarial;

import io.atelier.reward.PlaceLogits;
import io.atelier.rollout.PlaceGrid;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Logits of a map's places brought to the places of {@link PlaceGrid}, so that those of several
 * maps, and of images of any size, can be put together. Each is (n, {@link PlaceGrid#COUNT}).
 */
final class PlaceScores {

  private PlaceScores() {}

  /**
   * Means over the places of a grid.
   *
   * @param logits of one image, row by row
   * @param map its name, for whoever is told
   */
  static double[] onGrid(float[] logits, String map) {
    int side = side(logits.length, map);
    double[] values = new double[logits.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = logits[i];
    }
    return PlaceGrid.means(values, side, side);
  }

  /**
   * Logits of a map's places with what they need to be shown; empty where nobody can say where
   * these are.
   *
   * @param logits of the places of images, image after image
   */
  static Optional<PlaceLogits> shown(float[] logits, int images) {
    int places = logits.length / images;
    int side = (int) Math.round(Math.sqrt(places));
    return side * side == places
        ? Optional.of(new PlaceLogits(side, side, logits))
        : Optional.empty();
  }

  /** Encoders look at squares, so their maps are squares, too. */
  private static int side(int places, String map) {
    int side = (int) Math.round(Math.sqrt(places));
    if (side * side != places) {
      throw new IllegalArgumentException(
          "map \"%s\" has %d places, which are no square, so nobody can say where they are; leave it out of maps, or set learner.credit.places.source to none"
              .formatted(map, places));
    }
    return side;
  }

  /** Of several maps by their names, each counted once. */
  static float[] mean(SortedMap<String, float[]> maps) {
    return Ensemble.mean(List.copyOf(maps.values()));
  }
}
