package io.atelier.actors.ledger.model;

import java.util.Objects;

/**
 * A configuration value that changes from some step on.
 *
 * @param from the first step that is trained with it, from 0
 * @param key of the configuration, such as {@code learner.learning-rate}
 * @param value what it is from then on, finite
 * @param why what a person said of it; may be empty
 */
public record Amendment(int from, String key, double value, String why) {

  public Amendment {
    Objects.requireNonNull(key, "no key");
    Objects.requireNonNull(why, "no reason");
    if (from < 0 || !Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s is to be %s from step %d on; a step is 0 or more and a value finite"
              .formatted(key, value, from));
    }
  }

  /** In words; steps are counted from 1 there. */
  public String text() {
    return "from step %d on %s is %s%s"
        .formatted(from + 1, key, value, why.isEmpty() ? "" : " (" + why + ")");
  }
}
