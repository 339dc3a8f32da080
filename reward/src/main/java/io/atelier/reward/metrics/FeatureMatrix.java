package io.atelier.reward.metrics;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.vision.Encoder.Feature;
import java.util.Arrays;
import java.util.List;

/**
 * Feature vectors of a set of images.
 *
 * @param rows number of images, at least 1
 * @param width number of values of each
 * @param values row-major, {@code rows * width}; must not be modified
 */
public record FeatureMatrix(int rows, int width, float[] values) {

  private static final int VALUES_AT_ONCE = 1 << 22;

  public FeatureMatrix {
    if (rows < 1 || width < 1 || values.length != (long) rows * width) {
      throw new IllegalArgumentException(
          "a feature matrix of %d x %d cannot have %d values"
              .formatted(rows, width, values.length));
    }
  }

  /** Concatenates pooled features (n, C) along the columns: row i has all vectors of image i. */
  public static FeatureMatrix beside(Feature... parts) {
    int rows = (int) parts[0].shape()[0];
    int width = Arrays.stream(parts).mapToInt(p -> p.values().length / rows).sum();
    float[] values = new float[NamedTensors.elements(rows, width)];
    int column = 0;
    for (Feature part : parts) {
      int own = part.values().length / rows;
      for (int i = 0; i < rows; i++) {
        System.arraycopy(part.values(), i * own, values, i * width + column, own);
      }
      column += own;
    }
    return new FeatureMatrix(rows, width, values);
  }

  /** Returns a copy of the rows at {@code indices}, in that order. */
  public FeatureMatrix select(List<Integer> indices) {
    float[] chosen = new float[NamedTensors.elements(indices.size(), width)];
    for (int i = 0; i < indices.size(); i++) {
      System.arraycopy(values, indices.get(i) * width, chosen, i * width, width);
    }
    return new FeatureMatrix(indices.size(), width, chosen);
  }

  /** Returns a copy of rows {@code from} (inclusive) to {@code to} (exclusive). */
  public FeatureMatrix slice(int from, int to) {
    return new FeatureMatrix(
        to - from, width, Arrays.copyOfRange(values, from * width, to * width));
  }

  /** Concatenates the rows of {@code parts}; all must have the same width. */
  public static FeatureMatrix under(List<FeatureMatrix> parts) {
    long rows = parts.stream().mapToLong(FeatureMatrix::rows).sum();
    int width = parts.get(0).width;
    float[] all = new float[NamedTensors.elements(rows, width)];
    int at = 0;
    for (FeatureMatrix part : parts) {
      if (part.width != width) {
        throw new IllegalArgumentException(
            "features of width %d do not fit under features of width %d"
                .formatted(part.width, width));
      }
      System.arraycopy(part.values, 0, all, at, part.values.length);
      at += part.values.length;
    }
    return new FeatureMatrix((int) rows, width, all);
  }

  /** Returns the mean of every column. */
  public double[] mean() {
    double[] mean = new double[width];
    for (int i = 0; i < values.length; i++) {
      mean[i % width] += values[i];
    }
    for (int c = 0; c < width; c++) {
      mean[c] /= rows;
    }
    return mean;
  }

  /** Returns every row minus {@code centre}, normalised to length 1; a zero row stays zero. */
  public FeatureMatrix directions(double[] centre) {
    float[] out = new float[values.length];
    for (int i = 0; i < rows; i++) {
      double square = 0;
      for (int c = 0; c < width; c++) {
        double d = values[i * width + c] - centre[c];
        square += d * d;
      }
      double scale = square > 0 ? 1 / Math.sqrt(square) : 0;
      for (int c = 0; c < width; c++) {
        out[i * width + c] = (float) ((values[i * width + c] - centre[c]) * scale);
      }
    }
    return new FeatureMatrix(rows, width, out);
  }

  /**
   * Returns the inner products of all rows with all rows of {@code other}, ({@code rows}, {@code
   * other.rows}) row-major, as float32 sums in column order.
   */
  public float[] dots(FeatureMatrix other) {
    NamedTensors.elements(rows, other.rows);
    return dots(transposed(other), other.rows, 0, rows);
  }

  /** Receives one row of inner products: {@code dots} from {@code at} on. */
  interface RowOfDots {
    void take(int row, float[] dots, int at);
  }

  /**
   * Computes the same products row by row, with only a block of rows in memory: all pairs of 50,000
   * images would take 10 GB.
   */
  void eachRowOfDots(FeatureMatrix other, RowOfDots taker) {
    float[] across = transposed(other);
    int block = Math.max(4, VALUES_AT_ONCE / other.rows);
    for (int from = 0; from < rows; from += block) {
      int to = Math.min(rows, from + block);
      float[] dots = dots(across, other.rows, from, to);
      for (int row = from; row < to; row++) {
        taker.take(row, dots, (row - from) * other.rows);
      }
    }
  }

  private float[] transposed(FeatureMatrix other) {
    if (width != other.width) {
      throw new IllegalArgumentException(
          "features of width %d cannot be compared with features of width %d"
              .formatted(width, other.width));
    }
    float[] across = new float[other.values.length];
    for (int j = 0; j < other.rows; j++) {
      for (int c = 0; c < width; c++) {
        across[c * other.rows + j] = other.values[j * width + c];
      }
    }
    return across;
  }

  /**
   * Returns the products of rows {@code from} to {@code to} with the n columns of {@code across}.
   */
  private float[] dots(float[] across, int n, int from, int to) {
    float[] out = new float[NamedTensors.elements(to - from, n)];
    for (int i = from; i < to; i += 4) { // four rows for each pass over the other matrix
      for (int c = 0; c < width; c++) {
        for (int r = i; r < Math.min(to, i + 4); r++) {
          float factor = values[r * width + c];
          int at = c * n;
          int into = (r - from) * n;
          for (int j = 0; j < n; j++) {
            out[into + j] += factor * across[at + j];
          }
        }
      }
    }
    return out;
  }
}
