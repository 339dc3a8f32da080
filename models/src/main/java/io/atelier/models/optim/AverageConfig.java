package io.atelier.models.optim;

/**
 * Configuration of a moving average of weights: decay {@code min((1 + n) / (10 + n), limit)} at
 * count n, only where n + 1 is a multiple of the interval.
 *
 * @param limit largest decay, 0 to 1
 * @param interval counts between two updates of the average, at least 1
 */
record AverageConfig(double limit, int interval) {

  AverageConfig {
    if (!(limit >= 0 && limit <= 1) || interval < 1) {
      throw new IllegalArgumentException(
          "an average needs a decay limit in [0, 1] and an interval of at least 1, got %s and %d"
              .formatted(limit, interval));
    }
  }

  double decay(int n) {
    return Math.min((1.0 + n) / (10.0 + n), limit);
  }

  boolean movesAt(int n) {
    return (n + 1) % interval == 0;
  }
}
