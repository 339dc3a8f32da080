package io.atelier.models.vision;

/**
 * Weights of a resize along one axis: output position {@code i} is the sum over {@code k} of {@code
 * weight[i][k] * source[first[i] + k]}. Weights of a position sum to 1.
 *
 * @param first first source position of each output position
 * @param weight weights of each output position
 */
record Taps(int[] first, double[][] weight) {

  /**
   * Kernel stretched by the reduction (never narrowed when enlarging), cut at the border and
   * normalised: the rule of Pillow, and of PyTorch's antialiased modes.
   *
   * @param single whether centres are computed in float32, as in PyTorch for float tensors: far
   *     from the first pixel this shifts the weights by more than rounding
   */
  static Taps antialiased(int from, int to, Filter filter, boolean single) {
    double scale = single ? (float) from / to : (double) from / to;
    double stretch = Math.max(scale, 1);
    double support = filter.radius() * stretch;
    double narrow = 1 / stretch;
    int[] first = new int[to];
    double[][] weight = new double[to][];
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * scale;
      centre = single ? (float) centre : centre;
      int begin = Math.max((int) (centre - support + 0.5), 0);
      int end = Math.min((int) (centre + support + 0.5), from);
      first[i] = begin;
      weight[i] = new double[end - begin];
      double sum = 0;
      for (int k = 0; k < weight[i].length; k++) {
        weight[i][k] = filter.weight((begin + k - centre + 0.5) * narrow);
        sum += weight[i][k];
      }
      double share = 1 / sum;
      for (int k = 0; k < weight[i].length; k++) {
        weight[i][k] *= share;
      }
    }
    return new Taps(first, weight);
  }

  /**
   * Four taps of Keys' cubic with a = -3/4 whatever the scale, repeating the border pixel:
   * PyTorch's {@code bicubic} with {@code align_corners=False} and no antialiasing.
   *
   * @param scale source positions per result position; in float32 as in PyTorch, whose rounding
   *     shifts the taps
   */
  static Taps interpolated(int from, int to, float scale) {
    int[] first = new int[to];
    double[][] weight = new double[to][];
    for (int i = 0; i < to; i++) {
      float place = scale * (i + 0.5f) - 0.5f;
      int floor = (int) Math.floor(place);
      int begin = Math.max(Math.min(floor - 1, from - 1), 0);
      int end = Math.max(Math.min(floor + 2, from - 1), 0);
      first[i] = begin;
      weight[i] = new double[end - begin + 1];
      for (int k = floor - 1; k <= floor + 2; k++) {
        int inside = Math.max(Math.min(k, from - 1), 0);
        weight[i][inside - begin] += Filter.keys(place - k, -0.75);
      }
    }
    return new Taps(first, weight);
  }
}
