package io.atelier.reward.adversarial;

/**
 * How place logits become the local logit of an image, and how logits become the reward.
 *
 * @param topShare share of a map's places, those with the highest logits, over which the map's
 *     logit is the mean, above 0; 1 for all places. At least one is used
 * @param fusion how the maps' logits are combined
 * @param temperature t of the reward {@code sigmoid(logit / t)}; 0 for the logit itself
 */
public record PoolingConfig(double topShare, Fusion fusion, double temperature) {

  /** The mean of all places and maps, and the logit itself. */
  public static final PoolingConfig PLAIN = new PoolingConfig(1, Fusion.MEAN, 0);

  public PoolingConfig {
    if (!(topShare > 0 && topShare <= 1)) {
      throw new IllegalArgumentException(
          "top-share %s must be above 0 and at most 1".formatted(topShare));
    }
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature %s must be finite and not negative".formatted(temperature));
    }
  }

  /** Returns the number of places to average, at least 1. */
  int top(int places) {
    return Math.max(1, (int) (topShare * places));
  }

  /**
   * Whether the critic's loss is on an image's local logit; otherwise it is on the logit of every
   * place.
   */
  boolean byImage() {
    return topShare < 1 || fusion == Fusion.GATED;
  }

  double reward(double logit) {
    return temperature == 0 ? logit : 1 / (1 + StrictMath.exp(-logit / temperature));
  }
}
