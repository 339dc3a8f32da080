package io.atelier.reward.adversarial;

import io.atelier.models.state.NamedTensors;

/** The two products of a linear layer, in float32 with a fixed order of summation. */
final class Dense {

  private Dense() {}

  /**
   * {@code z = x W' + b}.
   *
   * @param x (rows, in)
   * @param weight (out, in)
   * @param bias (out)
   * @return (rows, out)
   */
  static float[] forward(float[] x, int rows, float[] weight, float[] bias) {
    int out = bias.length;
    int in = weight.length / out;
    float[] across = new float[in * out];
    for (int h = 0; h < out; h++) {
      for (int d = 0; d < in; d++) {
        across[d * out + h] = weight[h * in + d];
      }
    }
    float[] z = new float[NamedTensors.elements(rows, out)];
    for (int n = 0; n < rows; n++) {
      int to = n * out;
      System.arraycopy(bias, 0, z, to, out);
      int d = 0;
      for (; d + 4 <= in; d += 4) {
        int at = n * in + d;
        addFour(z, to, out, across, d * out, out, x[at], x[at + 1], x[at + 2], x[at + 3]);
      }
      for (; d < in; d++) {
        addOne(z, to, out, across, d * out, x[n * in + d]);
      }
    }
    return z;
  }

  /**
   * Adds {@code g' x} to a weight's gradient. Rows whose factors are all zero are left out by the
   * caller.
   *
   * @param g (rows, out)
   * @param x (rows, in)
   * @param gradient (out, in), added to
   */
  static void addOuter(float[] g, float[] x, int rows, int out, float[] gradient) {
    int in = gradient.length / out;
    for (int h = 0; h < out; h++) {
      int n = 0;
      for (; n + 4 <= rows; n += 4) {
        addFour(
            gradient,
            h * in,
            in,
            x,
            n * in,
            in,
            g[n * out + h],
            g[(n + 1) * out + h],
            g[(n + 2) * out + h],
            g[(n + 3) * out + h]);
      }
      for (; n < rows; n++) {
        addOne(gradient, h * in, in, x, n * in, g[n * out + h]);
      }
    }
  }

  /** Adds four consecutive rows of {@code from}, each times its factor. */
  private static void addFour(
      float[] into,
      int to,
      int length,
      float[] from,
      int at,
      int stride,
      float f0,
      float f1,
      float f2,
      float f3) {
    int at1 = at + stride;
    int at2 = at1 + stride;
    int at3 = at2 + stride;
    for (int j = 0; j < length; j++) {
      into[to + j] +=
          f0 * from[at + j] + f1 * from[at1 + j] + f2 * from[at2 + j] + f3 * from[at3 + j];
    }
  }

  private static void addOne(float[] into, int to, int length, float[] from, int at, float f) {
    for (int j = 0; j < length; j++) {
      into[to + j] += f * from[at + j];
    }
  }
}
