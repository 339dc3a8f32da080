package io.atelier.actors.experiment;

import com.typesafe.config.Config;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.experiment.Quantity.Unit;
import io.atelier.actors.experiment.Threshold.Bound;
import io.atelier.actors.experiment.Threshold.Over;
import io.atelier.actors.experiment.Threshold.Pairing;
import io.atelier.actors.experiment.Threshold.Rule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Reads the thresholds of an experiment, each of which is one of
 *
 * <pre>
 * { says = TEXT, value = QUANTITY, at-most = 60 }
 * { says = TEXT, value = QUANTITY, less = QUANTITY, at-least = 5, over = each }
 * { says = TEXT, value = QUANTITY, per = QUANTITY, at-most = 0.8 }
 * { says = TEXT, not-measured = WHY }
 * </pre>
 *
 * with at-least and at-most, above and below, or one of these, and a quantity as {@code { arm =
 * ARM, of = MEASURE }}, with {@code at}, {@code since}, or {@code until} and {@code in}; see {@link
 * Quantity}.
 *
 * @param origin where they are written, for messages
 * @param arms of the experiment
 */
record ThresholdReader(String origin, List<String> arms) {

  private static final List<String> KEYS =
      List.of(
          "says",
          "not-measured",
          "value",
          "less",
          "per",
          "at-least",
          "at-most",
          "above",
          "below",
          "over");

  private static final List<String> OF_QUANTITY =
      List.of("arm", "of", "at", "since", "until", "in");

  Threshold read(Config tree) {
    ExperimentReader.requireKnown(origin, tree, KEYS, "a threshold");
    String says = tree.getString("says");
    try {
      if (!tree.hasPath("not-measured")) {
        return new Threshold(says, Optional.of(rule(tree)), "");
      }
      if (tree.root().size() > 2) {
        throw new IllegalArgumentException("not-measured goes with says alone");
      }
      return new Threshold(says, Optional.empty(), tree.getString("not-measured"));
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(
          "%s: threshold \"%s\": %s".formatted(origin, says, e.getMessage()), e);
    }
  }

  private Rule rule(Config tree) {
    List<Pairing> pairings =
        Stream.of(Pairing.values()).filter(each -> tree.hasPath(key(each))).toList();
    if (pairings.size() > 1) {
      throw new IllegalArgumentException("it has less and per; take one of them");
    }
    Optional<Pairing> pairing = pairings.stream().findFirst();
    return new Rule(
        quantity(tree.getConfig("value")),
        pairing,
        pairing.map(each -> quantity(tree.getConfig(key(each)))),
        bound(tree),
        tree.hasPath("over") ? constant(Over.values(), tree, "over") : Over.MEAN);
  }

  private static Bound bound(Config tree) {
    boolean strict = tree.hasPath("above") || tree.hasPath("below");
    if (strict && (tree.hasPath("at-least") || tree.hasPath("at-most"))) {
      throw new IllegalArgumentException(
          "its ends are of two kinds; take at-least and at-most, or above and below");
    }
    return new Bound(
        decimal(tree, strict ? "above" : "at-least"),
        decimal(tree, strict ? "below" : "at-most"),
        strict);
  }

  private Quantity quantity(Config tree) {
    ExperimentReader.requireKnown(origin, tree, OF_QUANTITY, "a quantity");
    String arm = tree.getString("arm");
    if (!arms.contains(arm)) {
      throw new IllegalArgumentException(
          "there is no arm %s; arms: %s".formatted(arm, String.join(", ", arms)));
    }
    return new Quantity(
        arm,
        tree.getString("of"),
        step(tree, "at"),
        step(tree, "since"),
        decimal(tree, "until"),
        tree.hasPath("in") ? Optional.of(constant(Unit.values(), tree, "in")) : Optional.empty());
  }

  private static OptionalInt step(Config tree, String key) {
    if (!tree.hasPath(key)) {
      return OptionalInt.empty();
    }
    int step = tree.getInt(key);
    if (step < 0) {
      throw new IllegalArgumentException("%s = %d, must not be negative".formatted(key, step));
    }
    return OptionalInt.of(step);
  }

  private static OptionalDouble decimal(Config tree, String key) {
    return tree.hasPath(key) ? OptionalDouble.of(tree.getDouble(key)) : OptionalDouble.empty();
  }

  private static <T extends Enum<T>> T constant(T[] values, Config tree, String key) {
    String name = tree.getString(key);
    return Stream.of(values)
        .filter(value -> key(value).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s = %s, must be one of %s"
                        .formatted(
                            key, name, Stream.of(values).map(ThresholdReader::key).toList())));
  }

  private static String key(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
