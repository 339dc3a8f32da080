package io.atelier.reward.metrics;

/**
 * Kernel Inception distance to a fixed set, times 1,000: the unbiased estimate of the squared
 * maximum mean discrepancy with kernel {@code (x.y / d + 1)^3}. Zero on average between samples of
 * the same distribution, hence sometimes slightly negative.
 *
 * <p>The estimate rests on pairs of independent images. Images of one prompt are not independent,
 * so pairs within a group are left out: with two images of each of 100 prompts they would add about
 * 45 on the embedded pack.
 *
 * <p>Source: Binkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs" (ICLR 2018), section 4;
 * here on the pooled features of MobileNetV2 in the place of Inception's.
 */
public final class Kid {

  private final FeatureMatrix reference;
  private final int referenceGroup;
  private final boolean matched;
  private final double withinReference;

  private Kid(FeatureMatrix reference, int group, boolean matched) {
    this.reference = reference;
    this.referenceGroup = group;
    this.matched = matched;
    this.withinReference = within(reference, group);
  }

  /** The distance to independent images, at least two rows. */
  public Kid(FeatureMatrix reference) {
    this(reference, 1, false);
  }

  /**
   * The distance to images of the same prompts as the samples: group g of both sets shows the same
   * prompt, and no pair of one prompt counts.
   *
   * @param groupSize rows of one prompt, which follow each other
   */
  public static Kid matched(FeatureMatrix reference, int groupSize) {
    return new Kid(reference, groupSize, true);
  }

  /**
   * Distance of {@code samples}, which have the reference's width.
   *
   * @param groupSize rows of one prompt, which follow each other; at least two groups
   */
  public double of(FeatureMatrix samples, int groupSize) {
    return 1000 * (withinReference + within(samples, groupSize) - 2 * across(samples, groupSize));
  }

  private static double within(FeatureMatrix x, int group) {
    if (x.rows() <= group) {
      throw new IllegalArgumentException(
          "KID needs images of at least 2 prompts in each set, got %d of one".formatted(x.rows()));
    }
    float[] dots = x.dots(x);
    double sum = 0;
    long pairs = 0;
    for (int i = 0; i < x.rows(); i++) {
      int before = i / group * group;
      for (int j = 0; j < before; j++) {
        sum += kernel(dots[i * x.rows() + j], x.width());
      }
      pairs += before;
    }
    return sum / pairs;
  }

  private double across(FeatureMatrix samples, int group) {
    float[] dots = samples.dots(reference);
    int columns = reference.rows();
    double sum = 0;
    long pairs = 0;
    for (int i = 0; i < samples.rows(); i++) {
      for (int j = 0; j < columns; j++) {
        if (!matched || i / group != j / referenceGroup) {
          sum += kernel(dots[i * columns + j], samples.width());
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  private static double kernel(double dot, int width) {
    double base = dot / width + 1;
    return base * base * base;
  }
}
