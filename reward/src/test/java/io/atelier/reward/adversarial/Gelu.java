package io.atelier.reward.adversarial;

/**
 * The Gaussian error linear unit, {@code x Phi(x)}, with Phi the normal distribution function
 * (Hendrycks and Gimpel 2016; the exact form with erf, not the tanh approximation).
 *
 * <p>Phi and its density are cubic Hermite interpolations of tables with 64 nodes a unit: within
 * 1e-9, the same bits on every machine, and much faster than an exponential for each element.
 */
final class Gelu {

  private static final int NODES_A_UNIT = 64;
  private static final int END = 9; // Phi(-9) = 1e-19
  private static final double[] PHI = new double[2 * END * NODES_A_UNIT + 1];
  private static final double[] DENSITY = new double[PHI.length];

  static {
    for (int i = 0; i < PHI.length; i++) {
      double x = (double) i / NODES_A_UNIT - END;
      DENSITY[i] = StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI);
      // Phi(x) = 1/2 + density (x + x^3/3 + x^5/15 + ...): all terms have the sign of x.
      double term = Math.abs(x);
      double sum = 0;
      for (int k = 1; term > 1e-18 * sum; k += 2) {
        sum += term;
        term *= x * x / (k + 2);
      }
      PHI[i] = x < 0 ? 0.5 - DENSITY[i] * sum : 0.5 + DENSITY[i] * sum;
    }
  }

  private Gelu() {}

  static double value(double x) {
    return x * cdf(x);
  }

  /** Derivative: {@code Phi(x) + x density(x)}. */
  static double slope(double x) {
    return cdf(x) + x * density(x);
  }

  private static double cdf(double x) {
    if (x <= -END) {
      return 0;
    }
    if (x >= END) {
      return 1;
    }
    double place = (x + END) * NODES_A_UNIT;
    int i = Math.min((int) place, PHI.length - 2);
    return hermite(place - i, PHI[i], PHI[i + 1], DENSITY[i], DENSITY[i + 1]);
  }

  private static double density(double x) {
    if (x <= -END || x >= END) {
      return 0;
    }
    double place = (x + END) * NODES_A_UNIT;
    int i = Math.min((int) place, PHI.length - 2);
    double left = (double) i / NODES_A_UNIT - END;
    double right = left + 1.0 / NODES_A_UNIT;
    return hermite(
        place - i, DENSITY[i], DENSITY[i + 1], -left * DENSITY[i], -right * DENSITY[i + 1]);
  }

  /** Cubic through two values and two slopes, at {@code t} in 0..1 between the nodes. */
  private static double hermite(double t, double a, double b, double slopeA, double slopeB) {
    double width = 1.0 / NODES_A_UNIT;
    double u = 1 - t;
    return u * u * ((1 + 2 * t) * a + t * width * slopeA)
        + t * t * ((1 + 2 * u) * b - u * width * slopeB);
  }
}
