package io.atelier.models.condition;

import java.util.Arrays;

/**
 * Maps a score of any range to a number from 0 to 1, by the one of B bins that it falls into.
 * Source: MIRO (Dufour et al. 2025), section 3, and its code, with two differences. Edges there are
 * forced to begin at 0 and to end at 1, which shifts them if scores are negative; here they begin
 * at the smallest score and end at the largest. And a score above the last edge has the value 1,
 * not more.
 */
public final class RewardBins {

  private final float[] edges;

  /**
   * @param edges at least 3, finite, each above the one before
   */
  public RewardBins(float[] edges) {
    if (edges.length < 3) {
      throw new IllegalArgumentException(
          "bins need at least 3 edges, got " + Arrays.toString(edges));
    }
    for (int i = 0; i < edges.length; i++) {
      if (!Float.isFinite(edges[i]) || i > 0 && edges[i] <= edges[i - 1]) {
        throw new IllegalArgumentException(
            "edge %d of bins is %s, and edges must be finite and rise".formatted(i, edges[i]));
      }
    }
    this.edges = edges.clone();
  }

  /**
   * Bins with equal numbers of distinct scores: edge i is the quantile i/B of the distinct scores,
   * by linear interpolation. If there are at most B distinct scores, the edges are evenly spaced.
   *
   * @param scores all finite, at least two of them distinct
   * @param count number of bins B, at least 2; fewer result if edges coincide
   */
  public static RewardBins fit(float[] scores, int count) {
    if (count < 2) {
      throw new IllegalArgumentException("a reward needs at least 2 bins, got " + count);
    }
    double[] different = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      if (!Float.isFinite(scores[i])) {
        throw new IllegalArgumentException(
            "score %d is %s, and bins are made of finite scores".formatted(i, scores[i]));
      }
      different[i] = scores[i];
    }
    different = Arrays.stream(different).sorted().distinct().toArray();
    if (different.length < 2) {
      throw new IllegalArgumentException(
          "all %d scores are %s; a reward with one value cannot be a condition"
              .formatted(scores.length, Arrays.toString(different)));
    }
    float[] edges = new float[count + 1];
    int kept = 0;
    for (int i = 0; i <= count; i++) {
      float edge = (float) edge(different, count, (double) i / count);
      if (kept == 0 || edge > edges[kept - 1]) {
        edges[kept++] = edge;
      }
    }
    return new RewardBins(Arrays.copyOf(edges, kept));
  }

  private static double edge(double[] sorted, int count, double share) {
    int last = sorted.length - 1;
    if (sorted.length <= count) {
      return sorted[0] + share * (sorted[last] - sorted[0]);
    }
    double place = share * last;
    int below = Math.min((int) place, last - 1);
    return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
  }

  /**
   * The value of a score: with k edges strictly below it, {@code max(0, k - 1) / (B - 1)}, at most
   * 1.
   *
   * @param score finite, or NaN for one that is missing, whose value is NaN
   */
  public float value(float score) {
    if (Float.isNaN(score)) {
      return Float.NaN;
    }
    int below = 0;
    while (below < edges.length && edges[below] < score) {
      below++;
    }
    return (float) Math.min(1, Math.max(0, below - 1) / (edges.length - 2.0));
  }

  /** The edges in ascending order, one more than there are bins; a copy. */
  public float[] edges() {
    return edges.clone();
  }
}
