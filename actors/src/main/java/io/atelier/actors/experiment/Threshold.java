package io.atelier.actors.experiment;

import static io.atelier.actors.experiment.Quantity.Unit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An expectation of an experiment, set before it ran.
 *
 * @param says the expectation in words
 * @param rule how it is judged; empty if it cannot be
 * @param why it cannot be judged, if so
 */
public record Threshold(String says, Optional<Rule> rule, String why) {

  /** How two quantities are combined. */
  enum Pairing {
    LESS,
    PER
  }

  /** For which seeds a bound must hold. */
  enum Over {
    /** For the means over all seeds. */
    MEAN,
    /** For each seed by itself. */
    EACH
  }

  /**
   * The range of a value; at least one end is given.
   *
   * @param least smallest value in the range
   * @param most largest value in the range
   * @param strict whether the ends themselves are excluded
   */
  record Bound(OptionalDouble least, OptionalDouble most, boolean strict) {

    Bound {
      if (least.isEmpty() && most.isEmpty()) {
        throw new IllegalArgumentException(
            "a threshold has one of at-least, at-most, above and below, or says not-measured");
      }
    }

    boolean holds(double value) {
      return (least.isEmpty()
              || (strict ? value > least.getAsDouble() : value >= least.getAsDouble()))
          && (most.isEmpty()
              || (strict ? value < most.getAsDouble() : value <= most.getAsDouble()));
    }
  }

  /**
   * How a threshold is judged.
   *
   * @param value quantity that is judged
   * @param pairing how it is combined with {@code other}; empty without it
   * @param other quantity that it is compared with
   */
  record Rule(
      Quantity value, Optional<Pairing> pairing, Optional<Quantity> other, Bound bound, Over over) {

    Rule {
      if (pairing.isPresent() != other.isPresent()) {
        throw new IllegalArgumentException("a pairing is of two quantities");
      }
    }

    List<Quantity> quantities() {
      return Stream.concat(Stream.of(value), other.stream()).toList();
    }
  }

  /** The outcome of a threshold; of several seeds' outcomes the last in this order counts. */
  public enum Outcome {
    MET,
    NOT_MEASURED,
    NOT_MET;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * A judgement.
   *
   * @param figure that was judged; or why there is none
   */
  public record Verdict(Outcome outcome, String figure) {}

  /** Judges by the measurements of the runs. */
  Verdict judge(Results results) {
    if (rule.isEmpty()) {
      return new Verdict(Outcome.NOT_MEASURED, why);
    }
    return rule.get().over() == Over.MEAN ? mean(rule.get(), results) : each(rule.get(), results);
  }

  private static Verdict mean(Rule rule, Results results) {
    List<List<Reading>> readings = new ArrayList<>();
    for (long seed : results.seeds()) {
      List<Reading> own = readings(rule, results, seed);
      Optional<Verdict> unread = unread(rule, own, name(seed));
      if (unread.isPresent()) {
        return unread.get();
      }
      readings.add(own);
    }
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < rule.quantities().size(); i++) {
      int quantity = i;
      means.add(
          readings.stream().mapToDouble(own -> value(own.get(quantity))).average().orElseThrow());
    }
    return judged(rule, means, "");
  }

  private static Verdict each(Rule rule, Results results) {
    List<String> figures = new ArrayList<>();
    Outcome all = Outcome.MET;
    for (long seed : results.seeds()) {
      List<Reading> own = readings(rule, results, seed);
      Verdict verdict =
          unread(rule, own, name(seed))
              .orElseGet(
                  () -> judged(rule, own.stream().map(Threshold::value).toList(), name(seed)));
      figures.add(verdict.figure());
      all = all.compareTo(verdict.outcome()) > 0 ? all : verdict.outcome();
    }
    return new Verdict(all, String.join("; ", figures));
  }

  private static List<Reading> readings(Rule rule, Results results, long seed) {
    List<Quantity> quantities = rule.quantities();
    Set<String> machines = results.machines(quantities.stream().map(Quantity::arm).toList(), seed);
    boolean timed = quantities.stream().anyMatch(q -> q.in().equals(Optional.of(SECONDS)));
    if (timed && machines.size() > 1) {
      return List.of(
          new Reading.Missing(
              "seconds of different machines say nothing: " + String.join(" and ", machines)));
    }
    return quantities.stream().map(quantity -> results.read(quantity, seed)).toList();
  }

  private static String name(long seed) {
    return "seed %s: ".formatted(Long.toUnsignedString(seed));
  }

  private static double value(Reading reading) {
    return ((Reading.Value) reading).value();
  }

  /**
   * Returns the verdict if a value is missing or was not reached; empty otherwise. A value that was
   * not reached breaks an upper limit, if the other quantity has a value.
   *
   * @param readings of the quantity, and of the other one if there is one
   */
  private static Optional<Verdict> unread(Rule rule, List<Reading> readings, String of) {
    Optional<Verdict> verdict = Optional.empty();
    for (int i = 0; i < readings.size(); i++) {
      if (readings.get(i) instanceof Reading.Missing missing) {
        return Optional.of(new Verdict(Outcome.NOT_MEASURED, of + missing.why()));
      }
      if (readings.get(i) instanceof Reading.Never never) {
        boolean missed = i == 0 && rule.bound().most().isPresent();
        Outcome outcome = missed ? Outcome.NOT_MET : Outcome.NOT_MEASURED;
        verdict = Optional.of(new Verdict(outcome, of + never.what()));
      }
    }
    return verdict;
  }

  /**
   * @param values of the quantity, and of the other one if there is one
   */
  private static Verdict judged(Rule rule, List<Double> values, String of) {
    double value = values.get(0);
    String from = "";
    if (rule.pairing().isPresent()) {
      double other = values.get(1);
      boolean less = rule.pairing().get() == Pairing.LESS;
      if (!less && other == 0) {
        return new Verdict(Outcome.NOT_MEASURED, of + "what it is divided by is 0");
      }
      value = less ? value - other : value / other;
      from =
          " (%s %s %s)"
              .formatted(Reading.text(values.get(0)), less ? "less" : "per", Reading.text(other));
    }
    return new Verdict(
        rule.bound().holds(value) ? Outcome.MET : Outcome.NOT_MET, of + Reading.text(value) + from);
  }
}
