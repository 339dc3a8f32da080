package io.atelier.reward.metrics;

/**
 * Kernel Inception distance to a fixed set, times 1,000: the unbiased estimate of the squared
 * maximum mean discrepancy with kernel {@code (x.y / d + 1)^3}. Zero on average between samples of
 * the same distribution, hence sometimes slightly negative.
 *
 * <p>Source: Binkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs" (ICLR 2018), section 4;
 * here on the pooled features of MobileNetV2 in the place of Inception's.
 */
public final class Kid {

  private final FeatureMatrix reference;
  private final double withinReference;

  /** The distance to {@code reference}, which needs at least two rows. */
  public Kid(FeatureMatrix reference) {
    this.reference = reference;
    this.withinReference = within(reference);
  }

  /** Distance of {@code samples}, at least two rows of the reference's width. */
  public double of(FeatureMatrix samples) {
    return 1000 * (withinReference + within(samples) - 2 * across(samples, reference));
  }

  private static double within(FeatureMatrix x) {
    if (x.rows() < 2) {
      throw new IllegalArgumentException(
          "KID needs at least 2 images in each set, got " + x.rows());
    }
    float[] dots = x.dots(x);
    double sum = 0;
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < i; j++) {
        sum += kernel(dots[i * x.rows() + j], x.width());
      }
    }
    return 2 * sum / ((double) x.rows() * (x.rows() - 1));
  }

  private static double across(FeatureMatrix x, FeatureMatrix y) {
    double sum = 0;
    for (float dot : x.dots(y)) {
      sum += kernel(dot, x.width());
    }
    return sum / ((double) x.rows() * y.rows());
  }

  private static double kernel(double dot, int width) {
    double base = dot / width + 1;
    return base * base * base;
  }
}
