package io.atelier.reward.preference;

import java.util.Collections;
import java.util.List;

/**
 * A label of a pair. Every sign is +1 for the first image and -1 for the second.
 *
 * @param better sign of the better image
 * @param criteria for each criterion, the sign of the image that is ahead in it, or 0 without a
 *     verdict
 */
public record Preference(Pair pair, int better, List<Integer> criteria) {

  public Preference {
    if (Math.abs(better) != 1) {
      throw new IllegalArgumentException(
          "a preference is +1 for the first image or -1 for the second, got " + better);
    }
    criteria = List.copyOf(criteria);
    for (int sign : criteria) {
      if (Math.abs(sign) > 1) {
        throw new IllegalArgumentException(
            "a criterion's verdict is +1, -1, or 0 for none, got " + sign);
      }
    }
  }

  /** Returns the same label without verdicts. */
  public Preference withoutVerdicts() {
    return new Preference(pair, better, Collections.nCopies(criteria.size(), 0));
  }
}
