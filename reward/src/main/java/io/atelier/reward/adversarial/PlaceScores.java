package io.atelier.reward.adversarial;

import io.atelier.reward.PlaceLogits;
import io.atelier.rollout.PlaceGrid;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Averages the logits of a map's places over the places of {@link PlaceGrid}, so that those of
 * several maps, and of images of any size, can be combined. Each is (n, {@link PlaceGrid#COUNT}).
 */
final class PlaceScores {

  private PlaceScores() {}

  /**
   * Returns means over the places of the grid.
   *
   * @param logits of one image, row by row
   * @param map name of the map, for the error message
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
   * Returns the logits of a map's places with its shape, for display; empty if the shape is unknown
   * because the map is not square.
   *
   * @param logits logits of the places of images, image by image
   */
  static Optional<PlaceLogits> shown(float[] logits, int images) {
    int places = logits.length / images;
    int side = (int) Math.round(Math.sqrt(places));
    return side * side == places
        ? Optional.of(new PlaceLogits(side, side, logits))
        : Optional.empty();
  }

  /** Returns the side of a map. Encoders take square images, so their maps are square. */
  private static int side(int places, String map) {
    int side = (int) Math.round(Math.sqrt(places));
    if (side * side != places) {
      throw new IllegalArgumentException(
          "map \"%s\" has %d places, which is not a square number, so their positions are unknown; leave it out of maps, or set learner.credit.places.source to none"
              .formatted(map, places));
    }
    return side;
  }

  /** Returns the mean over maps, all weighted equally. */
  static float[] mean(SortedMap<String, float[]> maps) {
    return Ensemble.mean(List.copyOf(maps.values()));
  }
}
