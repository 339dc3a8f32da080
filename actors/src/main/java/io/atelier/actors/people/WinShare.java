package io.atelier.actors.people;

import java.util.Optional;

/**
 * How often one of two sides was preferred. Ties are counted apart and are in none of the figures.
 *
 * @param wins of the one side
 * @param losses of it
 * @param ties pairs in which neither was preferred
 */
public record WinShare(int wins, int losses, int ties) {

  /** Of the normal distribution, between whose -z and z 95 % lie. */
  private static final double Z = 1.959963984540054;

  /** Half the interval that is to be reached: 10 points. */
  static final double HALF = 0.1;

  public WinShare {
    if (wins < 0 || losses < 0 || ties < 0) {
      throw new IllegalArgumentException(
          "%d wins, %d losses and %d ties cannot be".formatted(wins, losses, ties));
    }
  }

  /** Both ends of an interval, 0 to 1. */
  public record Interval(double low, double high) {}

  /** Pairs in which one side was preferred. */
  public int decided() {
    return wins + losses;
  }

  /** Wins among decided pairs, 0 to 1; empty if none is decided. */
  public Optional<Double> share() {
    return decided() == 0 ? Optional.empty() : Optional.of((double) wins / decided());
  }

  /** Wilson's score interval of {@link #share} at 95 %, without correction for continuity. */
  public Optional<Interval> interval() {
    return share()
        .map(
            p -> {
              double n = decided();
              double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
              double half = half(p, decided());
              return new Interval(Math.max(0, middle - half), Math.min(1, middle + half));
            });
  }

  /** Half the interval's width if the share is {@code p} among {@code n} decided pairs. */
  private static double half(double p, long n) {
    return Z / (n + Z * Z) * Math.sqrt(p * (1 - p) * n + Z * Z / 4);
  }

  /**
   * How likely a split that is at least as uneven would be if both sides were as good: the exact
   * sign test, two-sided. Empty if no pair is decided.
   */
  public Optional<Double> signTest() {
    int n = decided();
    if (n == 0) {
      return Optional.empty();
    }
    double term = -n * StrictMath.log(2); // logarithm of C(n, k) / 2^n
    double sum = 0;
    for (int k = 0; k <= Math.min(wins, losses); k++) {
      sum += StrictMath.exp(term);
      term += StrictMath.log(n - k) - StrictMath.log(k + 1);
    }
    return Optional.of(Math.min(1, 2 * sum));
  }

  /** Decided pairs that are wanting until the interval is 10 points to each side, at this share. */
  public int pairsToGo() {
    double p = share().orElse(0.5);
    int more = 0;
    while (half(p, (long) decided() + more) > HALF) {
      more++;
    }
    return more;
  }
}
