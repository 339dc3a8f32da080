package io.atelier.reward.metrics;

import io.atelier.models.state.NamedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Classifies styles by multinomial logistic regression on standardised features with a small ridge
 * penalty. Fitted from zero by Nesterov's accelerated gradient, with a step size from a bound on
 * the curvature, so the same features give bit-identical weights.
 */
public final class StyleProbe {

  private static final double RIDGE = 1e-3;
  private static final int ITERATIONS = 400;

  private final double[] mean;
  private final double[] scale;
  private final int classes;
  private final double[] weights;

  private StyleProbe(double[] mean, double[] scale, int classes, double[] weights) {
    this.mean = mean;
    this.scale = scale;
    this.classes = classes;
    this.weights = weights;
  }

  /**
   * Fits a probe.
   *
   * @param styles features of each style's images, at least two styles; class k is {@code
   *     styles.get(k)}
   */
  public static StyleProbe fit(List<FeatureMatrix> styles) {
    if (styles.size() < 2) {
      throw new IllegalArgumentException(
          "a style probe needs at least 2 styles, got " + styles.size());
    }
    int width = styles.get(0).width();
    int rows = styles.stream().mapToInt(FeatureMatrix::rows).sum();
    float[] all = new float[NamedTensors.elements(rows, width)];
    List<Integer> label = new ArrayList<>(rows);
    int at = 0;
    for (int k = 0; k < styles.size(); k++) {
      FeatureMatrix style = styles.get(k);
      System.arraycopy(style.values(), 0, all, at, style.values().length);
      at += style.values().length;
      for (int i = 0; i < style.rows(); i++) {
        label.add(k);
      }
    }
    FeatureMatrix x = new FeatureMatrix(rows, width, all);
    double[] mean = x.mean();
    double[] scale = new double[width];
    for (int i = 0; i < all.length; i++) {
      double d = all[i] - mean[i % width];
      scale[i % width] += d * d / rows;
    }
    for (int c = 0; c < width; c++) {
      scale[c] = scale[c] > 0 ? 1 / Math.sqrt(scale[c]) : 0;
    }
    StyleProbe probe = new StyleProbe(mean, scale, styles.size(), null);
    return new StyleProbe(
        mean, scale, styles.size(), probe.descend(probe.standardise(x), label, rows, width + 1));
  }

  /** Returns standardised rows, each with a last value of 1 for the bias. */
  private double[][] standardise(FeatureMatrix x) {
    double[][] out = new double[x.rows()][x.width() + 1];
    for (int i = 0; i < x.rows(); i++) {
      for (int c = 0; c < x.width(); c++) {
        out[i][c] = (x.values()[i * x.width() + c] - mean[c]) * scale[c];
      }
      out[i][x.width()] = 1;
    }
    return out;
  }

  private double[] descend(double[][] x, List<Integer> label, int rows, int width) {
    // The curvature of the softmax loss is at most half that of least squares.
    double step = 1 / (0.5 * largestCurvature(x, width) + RIDGE);
    double[] w = new double[classes * width];
    double[] ahead = w.clone();
    double momentum = 1;
    double[] gradient = new double[w.length];
    double[] p = new double[classes];
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      for (int i = 0; i < w.length; i++) {
        gradient[i] = RIDGE * ahead[i];
      }
      for (int i = 0; i < rows; i++) {
        probabilities(ahead, x[i], p);
        p[label.get(i)] -= 1;
        for (int k = 0; k < classes; k++) {
          double factor = p[k] / rows;
          for (int c = 0; c < width; c++) {
            gradient[k * width + c] += factor * x[i][c];
          }
        }
      }
      double next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      double carry = (momentum - 1) / next;
      momentum = next;
      for (int i = 0; i < w.length; i++) {
        double moved = ahead[i] - step * gradient[i];
        ahead[i] = moved + carry * (moved - w[i]);
        w[i] = moved;
      }
    }
    return w;
  }

  /** Returns the largest eigenvalue of {@code X'X / rows}, by power iteration, with a margin. */
  private static double largestCurvature(double[][] x, int width) {
    double[] v = new double[width];
    Arrays.fill(v, 1 / Math.sqrt(width));
    double value = 0;
    for (int iteration = 0; iteration < 30; iteration++) {
      double[] next = new double[width];
      for (double[] row : x) {
        double dot = dot(row, v, 0);
        for (int c = 0; c < width; c++) {
          next[c] += dot * row[c] / x.length;
        }
      }
      value = Math.sqrt(dot(next, next, 0));
      for (int c = 0; c < width; c++) {
        v[c] = next[c] / value;
      }
    }
    return 1.1 * value;
  }

  private void probabilities(double[] w, double[] row, double[] p) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      p[k] = dot(row, w, k * row.length);
      largest = Math.max(largest, p[k]);
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      p[k] = StrictMath.exp(p[k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < classes; k++) {
      p[k] /= sum;
    }
  }

  private static double dot(double[] a, double[] b, int offset) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[offset + i];
    }
    return sum;
  }

  /** Returns the most probable class of every row. */
  public int[] classify(FeatureMatrix features) {
    double[][] x = standardise(features);
    int[] best = new int[x.length];
    double[] p = new double[classes];
    for (int i = 0; i < x.length; i++) {
      probabilities(weights, x[i], p);
      for (int k = 1; k < classes; k++) {
        best[i] = p[k] > p[best[i]] ? k : best[i];
      }
    }
    return best;
  }

  /** Returns {@code ln(p / (1 - p))} of every row, where p is the probability of {@code style}. */
  public double[] logOdds(FeatureMatrix features, int style) {
    double[][] x = standardise(features);
    double[] odds = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double[] z = new double[classes];
      double largest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        z[k] = dot(x[i], weights, k * x[i].length);
        largest = k == style ? largest : Math.max(largest, z[k]);
      }
      double others = 0;
      for (int k = 0; k < classes; k++) {
        others += k == style ? 0 : StrictMath.exp(z[k] - largest);
      }
      odds[i] = z[style] - largest - StrictMath.log(others);
    }
    return odds;
  }

  /** Returns the share of the rows whose most probable class is {@code style}, 0 to 1. */
  public double share(FeatureMatrix features, int style) {
    int hits = 0;
    for (int best : classify(features)) {
      hits += best == style ? 1 : 0;
    }
    return (double) hits / features.rows();
  }
}
