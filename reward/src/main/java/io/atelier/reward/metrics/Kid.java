package io.atelier.reward.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Kernel Inception distance to a fixed set, times 1,000: the unbiased estimate of the squared
 * maximum mean discrepancy {@code mean k(x, x') + mean k(y, y') - 2 mean k(x, y)} with kernel
 * {@code k(x, y) = (x.y / d + 1)^3} of feature vectors of width d. Zero on average between samples
 * of the same distribution, hence sometimes slightly negative.
 *
 * <p>The estimate assumes pairs of independent images. Images of one prompt are not independent, so
 * pairs within a group are left out: with two images of each of 100 prompts they would add about 45
 * on the embedded pack.
 *
 * <p>Source: Binkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs" (ICLR 2018), section 4;
 * here on the pooled features of MobileNetV2 instead of Inception's.
 */
public final class Kid {

  private final FeatureMatrix reference;
  private final int[] prompts;
  private final boolean matched;
  private final double withinReference;

  private Kid(FeatureMatrix reference, int[] prompts, boolean matched) {
    if (prompts.length != reference.rows()) {
      throw new IllegalArgumentException(
          "%d reference images but %d prompts".formatted(reference.rows(), prompts.length));
    }
    this.reference = reference;
    this.prompts = prompts;
    this.matched = matched;
    this.withinReference = within(reference, prompts);
  }

  /** Creates the distance to independent images, at least two rows. */
  public Kid(FeatureMatrix reference) {
    this(reference, groups(reference.rows(), 1), false);
  }

  /**
   * Creates the distance to images of the same prompts as the samples: pairs of the same prompt are
   * left out.
   *
   * @param prompts index, among the samples' prompts, of the prompt of each row; at least two
   */
  public static Kid matched(FeatureMatrix reference, int[] prompts) {
    return new Kid(reference, prompts.clone(), true);
  }

  /**
   * The same if group g of both sets is of the same prompt.
   *
   * @param groupSize rows of each prompt, which are consecutive
   */
  public static Kid matched(FeatureMatrix reference, int groupSize) {
    return new Kid(reference, groups(reference.rows(), groupSize), true);
  }

  /** Returns the group of each row, for groups of consecutive rows. */
  private static int[] groups(int rows, int size) {
    return IntStream.range(0, rows).map(row -> row / size).toArray();
  }

  /**
   * Returns the distance of {@code samples}, which must have the reference's width.
   *
   * @param groupSize rows of each prompt, which are consecutive; at least two groups
   */
  public double of(FeatureMatrix samples, int groupSize) {
    int[] groups = groups(samples.rows(), groupSize);
    return 1000 * (withinReference + within(samples, groups) - 2 * across(samples, groups));
  }

  private static final class Mean {
    private double sum;
    private long count;

    void add(double value) {
      sum += value;
      count++;
    }

    double value() {
      return sum / count;
    }
  }

  private static double within(FeatureMatrix x, int[] groups) {
    if (Arrays.stream(groups).distinct().count() < 2) {
      throw new IllegalArgumentException(
          "KID needs images of at least 2 prompts in each set, got %d of one".formatted(x.rows()));
    }
    Mean mean = new Mean();
    x.eachRowOfDots(
        x,
        (i, dots, at) -> {
          for (int j = 0; j < i; j++) {
            if (groups[j] != groups[i]) {
              mean.add(kernel(dots[at + j], x.width()));
            }
          }
        });
    return mean.value();
  }

  private double across(FeatureMatrix samples, int[] groups) {
    Mean mean = new Mean();
    samples.eachRowOfDots(
        reference,
        (i, dots, at) -> {
          for (int j = 0; j < reference.rows(); j++) {
            if (!matched || groups[i] != prompts[j]) {
              mean.add(kernel(dots[at + j], samples.width()));
            }
          }
        });
    return mean.value();
  }

  private static double kernel(double dot, int width) {
    double base = dot / width + 1;
    return base * base * base;
  }
}
