package io.atelier.reward.preference;

/**
 * Two images of one prompt, by their rows in a matrix of features.
 *
 * @param first row of the first image
 * @param second row of the second image
 */
public record Pair(int first, int second) {

  public Pair {
    if (first < 0 || second < 0 || first == second) {
      throw new IllegalArgumentException(
          "rows %d and %d are no pair; they must be different and at least 0"
              .formatted(first, second));
    }
  }
}
