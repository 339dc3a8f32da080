package io.atelier.reward.clip;

/** Inner products of float vectors, in double precision. */
final class Vectors {

  private Vectors() {}

  static double dot(float[] a, int fromA, float[] b, int fromB, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (double) a[fromA + i] * b[fromB + i];
    }
    return sum;
  }

  static double norm(float[] a, int from, int length) {
    return Math.sqrt(dot(a, from, a, from, length));
  }
}
