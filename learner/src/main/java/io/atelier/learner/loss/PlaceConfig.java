package io.atelier.learner.loss;

/**
 * How credit is moved between the places of an image.
 *
 * @param source source of the number u of each place
 * @param alpha how much is moved, at least 0; 0 is none
 */
public record PlaceConfig(PlaceSource source, double alpha) {

  /** All places of an image get the same credit. */
  public static final PlaceConfig NONE = new PlaceConfig(PlaceSource.NONE, 0.5);

  public PlaceConfig {
    if (!(alpha >= 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException(
          "alpha must be at least 0 and finite, got %s".formatted(alpha));
    }
  }

  /** Whether any credit is moved. */
  public boolean moves() {
    return source != PlaceSource.NONE && alpha > 0;
  }

  /** Whether both branches of the guidance are needed. */
  public boolean contrasts() {
    return moves() && source.contrasts();
  }

  /** Whether the critic has to score places. */
  public boolean needsScores() {
    return moves() && source == PlaceSource.CRITIC;
  }
}
