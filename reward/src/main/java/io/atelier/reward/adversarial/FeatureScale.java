package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Normalises the features of an encoder before a head sees them. */
final class FeatureScale {
  private static final String STATISTICS = "statistics.";
  private static final double EPSILON = 1e-6;
  private static final float LARGEST = 10;

  private final Normalise how;
  private final SortedMap<String, Tensor> statistics;

  private FeatureScale(Normalise how, SortedMap<String, Tensor> statistics) {
    this.how = how;
    this.statistics = statistics;
  }

  /**
   * @param references features of reference images by view, from which {@link Normalise#STANDARD}
   *     computes its statistics
   */
  static FeatureScale of(Normalise how, SortedMap<String, Tensor> references) {
    SortedMap<String, Tensor> statistics = new TreeMap<>();
    if (how == Normalise.STANDARD) {
      references.forEach(
          (view, tensor) ->
              addStatistics(
                  view, tensor, (int) tensor.shape()[tensor.shape().length - 1], statistics));
    }
    return new FeatureScale(how, statistics);
  }

  /**
   * @param weights weights with {@link #tensors}
   * @param views names of the views
   */
  static FeatureScale of(Normalise how, NamedTensors weights, List<String> views) {
    SortedMap<String, Tensor> statistics = new TreeMap<>();
    if (how == Normalise.STANDARD) {
      for (String view : views) {
        for (String name : List.of(view + ".mean", view + ".scale")) {
          statistics.put(STATISTICS + name, weights.get(STATISTICS + name));
        }
      }
    }
    return new FeatureScale(how, statistics);
  }

  private static void addStatistics(
      String view, Tensor tensor, int width, SortedMap<String, Tensor> statistics) {
    float[] values = tensor.values();
    int rows = values.length / width;
    double[] mean = new double[width];
    double[] square = new double[width];
    for (int i = 0; i < values.length; i++) {
      mean[i % width] += (double) values[i] / rows;
    }
    for (int i = 0; i < values.length; i++) {
      double d = values[i] - mean[i % width];
      square[i % width] += d * d / rows;
    }
    float[] centre = new float[width];
    float[] scale = new float[width];
    for (int c = 0; c < width; c++) {
      centre[c] = (float) mean[c];
      scale[c] = (float) (1 / (Math.sqrt(square[c]) + EPSILON));
      if (square[c] < EPSILON * EPSILON) {
        scale[c] = 0; // a column that is constant over references has no scale
      }
    }
    statistics.put(STATISTICS + view + ".mean", new Tensor(new long[] {width}, centre));
    statistics.put(STATISTICS + view + ".scale", new Tensor(new long[] {width}, scale));
  }

  /** Returns the statistics of the references. */
  SortedMap<String, Tensor> tensors() {
    return statistics;
  }

  /** Normalises features of a view in place. */
  void apply(String view, float[] x, int width) {
    switch (how) {
      case NONE -> {}
      case L2 -> {
        for (int from = 0; from < x.length; from += width) {
          double square = 0;
          for (int c = 0; c < width; c++) {
            square += (double) x[from + c] * x[from + c];
          }
          float norm = (float) (Math.sqrt(square) + EPSILON);
          for (int c = 0; c < width; c++) {
            x[from + c] /= norm;
          }
        }
      }
      case STANDARD -> {
        float[] mean = statistics.get(STATISTICS + view + ".mean").values();
        float[] scale = statistics.get(STATISTICS + view + ".scale").values();
        for (int i = 0; i < x.length; i++) {
          float z = (x[i] - mean[i % width]) * scale[i % width];
          x[i] = Math.max(-LARGEST, Math.min(LARGEST, z));
        }
      }
    }
  }
}
