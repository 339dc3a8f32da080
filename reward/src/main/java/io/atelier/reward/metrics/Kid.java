package io.atelier.reward.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

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

  /** The distance to independent images, at least two rows. */
  public Kid(FeatureMatrix reference) {
    this(reference, groups(reference.rows(), 1), false);
  }

  /**
   * The distance to images of the same prompts as the samples: no pair of one prompt counts.
   *
   * @param prompts place among the samples' prompts of the prompt that each row shows; at least two
   */
  public static Kid matched(FeatureMatrix reference, int[] prompts) {
    return new Kid(reference, prompts.clone(), true);
  }

  /**
   * The same where group g of both sets shows the same prompt.
   *
   * @param groupSize rows of one prompt, which follow each other
   */
  public static Kid matched(FeatureMatrix reference, int groupSize) {
    return new Kid(reference, groups(reference.rows(), groupSize), true);
  }

  /** The group of each row, where so many follow each other. */
  private static int[] groups(int rows, int size) {
    return IntStream.range(0, rows).map(row -> row / size).toArray();
  }

  /**
   * Distance of {@code samples}, which have the reference's width.
   *
   * @param groupSize rows of one prompt, which follow each other; at least two groups
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
