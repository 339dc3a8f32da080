package io.atelier.reward.adversarial;

/**
 * How logits of places become the local logit of an image, and logits the reward.
 *
 * @param topShare share of a map's places, those with the highest logits, whose mean is the map's
 *     logit, above 0; 1 for all places. At least one counts
 * @param fusion of the maps
 * @param temperature t of the reward sigmoid(logit / t); 0 for the logit itself
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

  /** Of how many places the mean is taken, at least 1. */
  int top(int places) {
    return Math.max(1, (int) (topShare * places));
  }

  /** Whether the critic learns from an image's local logit; else from the logit of every place. */
  boolean byImage() {
    return topShare < 1 || fusion == Fusion.GATED;
  }

  double reward(double logit) {
    return temperature == 0 ? logit : 1 / (1 + StrictMath.exp(-logit / temperature));
  }
}
