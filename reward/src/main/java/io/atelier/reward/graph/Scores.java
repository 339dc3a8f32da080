package io.atelier.reward.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/** The values of one node: at most one for each image of each group of a step. */
public final class Scores {
  private final double[][] values;
  private final boolean[][] there;

  /** Creates values that are all absent. */
  Scores(List<ScoreTable> groups) {
    this.values = groups.stream().map(g -> new double[g.images()]).toArray(double[][]::new);
    this.there = groups.stream().map(g -> new boolean[g.images()]).toArray(boolean[][]::new);
  }

  public boolean isAbsent(int group, int image) {
    return !there[group][image];
  }

  /**
   * @throws IllegalStateException if it is absent
   */
  public double get(int group, int image) {
    if (isAbsent(group, image)) {
      throw new IllegalStateException(
          "image %d of the group in place %d has no value".formatted(image, group));
    }
    return values[group][image];
  }

  /** Returns the mean over all values of the step; empty if there are none. */
  public OptionalDouble mean() {
    double[] all = present();
    return all.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Operation.mean(all));
  }

  int groups() {
    return values.length;
  }

  int images(int group) {
    return values[group].length;
  }

  void set(int group, int image, double value) {
    values[group][image] = value;
    there[group][image] = true;
  }

  /** Returns the values of a group that are present. */
  double[] present(int group) {
    List<Double> present = new ArrayList<>();
    for (int image = 0; image < images(group); image++) {
      if (there[group][image]) {
        present.add(values[group][image]);
      }
    }
    return present.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Returns the values of the step that are present. */
  double[] present() {
    List<Double> present = new ArrayList<>();
    for (int group = 0; group < groups(); group++) {
      for (double value : present(group)) {
        present.add(value);
      }
    }
    return present.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Sets the values of a group to a function of those of another node that are present. */
  void setFrom(Scores other, int group, DoubleUnaryOperator of) {
    for (int image = 0; image < images(group); image++) {
      if (!other.isAbsent(group, image)) {
        set(group, image, of.applyAsDouble(other.get(group, image)));
      }
    }
  }
}
