package io.atelier.actors.port;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration keys that may change from a step on: only those that the learners alone read,
 * so that it does not matter when a worker learns of the change.
 *
 * @param keys that may be amended
 */
public record Amendable(SortedSet<String> keys) {

  /** Step size of the policy. */
  public static final String LEARNING_RATE = "learner.learning-rate";

  /** The critic learns in every n-th learner step. */
  public static final String CRITIC_EVERY = "critic.every";

  private static final Pattern WEIGHT = Pattern.compile("reward\\.(?:[a-z]+\\.)?([^.]+)\\.weight");

  public Amendable {
    keys = new TreeSet<>(keys);
  }

  /** Why a value may not be amended; empty if it may. */
  public Optional<String> refuse(String key, double value) {
    if (!keys.contains(key)) {
      return Optional.of(
          "%s cannot be amended in this run, only %s; start another run for it, or fork this one"
              .formatted(key, String.join(", ", keys)));
    }
    boolean weight = WEIGHT.matcher(key).matches();
    if (!Double.isFinite(value) || (weight ? value < 0 : value <= 0)) {
      return Optional.of(
          "%s is to be %s, must be finite and %s"
              .formatted(key, value, weight ? "0 or more" : "above 0"));
    }
    if (key.equals(CRITIC_EVERY) && value != (int) value) {
      return Optional.of(
          "%s is to be %s, must be a whole number from 1 to %d"
              .formatted(key, value, Integer.MAX_VALUE));
    }
    return Optional.empty();
  }

  /** The weights among some values, by the names of their rewards. */
  public static Map<String, Double> weights(SortedMap<String, Double> values) {
    Map<String, Double> weights = new TreeMap<>();
    values.forEach((key, value) -> name(key).ifPresent(name -> weights.put(name, value)));
    return weights;
  }

  /** The reward whose weight a key is. */
  public static Optional<String> name(String key) {
    Matcher matcher = WEIGHT.matcher(key);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
