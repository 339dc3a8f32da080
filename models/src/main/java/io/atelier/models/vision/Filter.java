package io.atelier.models.vision;

/** Interpolation kernels of antialiased resizing, as functions of the distance in source pixels. */
public enum Filter {
  /** Triangle of half-width 1. */
  BILINEAR(1) {
    @Override
    double weight(double distance) {
      return Math.max(0, 1 - Math.abs(distance));
    }
  },
  /** Keys' cubic with a = -1/2 (Keys 1981, equation 4), half-width 2. */
  BICUBIC(2) {
    @Override
    double weight(double distance) {
      return keys(distance, -0.5);
    }
  };

  private final int radius;

  Filter(int radius) {
    this.radius = radius;
  }

  /** Half-width of the kernel. */
  int radius() {
    return radius;
  }

  abstract double weight(double distance);

  /** Keys' cubic convolution kernel of half-width 2 with free parameter {@code a}. */
  static double keys(double distance, double a) {
    double x = Math.abs(distance);
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }
}
