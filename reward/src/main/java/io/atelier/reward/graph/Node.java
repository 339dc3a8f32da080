package io.atelier.reward.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Expression for one value per image of a learner step: {@code leaf("adversarial").normalised(
 * Over.GROUP).weight(0.7).plus(leaf("jpeg").clip(-1, 0).weight(0.3))}. Immutable.
 *
 * <p>A leaf is absent for a group to which its reward does not apply. A node of several values
 * leaves absent ones out, and is absent if all are. A node of one value is absent if that is. So
 * {@code sum(x, constant(0))} is 0 if x is absent.
 */
public sealed interface Node {

  /** The raw scores of a reward, by the reward's name. */
  record Leaf(String name) implements Node {}

  /** The same value for every image; never absent. */
  record Constant(double value) implements Node {
    public Constant {
      requireFinite("a constant", value);
    }
  }

  /** {@code weight * of}; the weight may be negative or 0. */
  record Weight(Node of, double weight) implements Node {
    public Weight {
      requireFinite("a weight", weight);
    }
  }

  /** Combines several values into one; absent ones are left out. */
  record Combine(Operation operation, List<Node> of) implements Node {
    public Combine {
      of = requireParts("a " + operation.name().toLowerCase(Locale.ROOT), of);
    }
  }

  /**
   * Mean minus {@code factor} times the population standard deviation of the values of one image,
   * absent ones left out: lower if an ensemble disagrees (Coste et al., arXiv 2310.02743).
   */
  record MeanMinusStd(List<Node> of, double factor) implements Node {
    public MeanMinusStd {
      of = requireParts("a mean minus deviation", of);
      requireFinite("the factor of a deviation", factor);
    }
  }

  /**
   * {@code sum(w x) / sum(w)} of parts x with weights w, absent ones left out of both sums, so that
   * the scale does not grow with the number of parts that apply.
   */
  record WeightedMean(List<Weight> of) implements Node {
    public WeightedMean {
      of = requireParts("a weighted mean", of);
      for (Weight part : of) {
        if (part.weight() <= 0) {
          throw new IllegalArgumentException(
              "a part of a weighted mean has weight %s; make it positive, or leave the part out"
                  .formatted(part.weight()));
        }
      }
    }

    /** Creates a weighted mean; a part without a weight has weight 1. */
    static WeightedMean ofParts(List<Node> parts) {
      return new WeightedMean(
          parts.stream()
              .map(part -> part instanceof Weight weight ? weight : new Weight(part, 1))
              .toList());
    }
  }

  /** The value clipped to {@code from} and {@code to}. */
  record Clip(Node of, double from, double to) implements Node {
    public Clip {
      requireFinite("the lower end of a clip", from);
      requireFinite("the upper end of a clip", to);
      if (from >= to) {
        throw new IllegalArgumentException(
            "a clip goes from %s to %s, which leaves nothing apart; make the first the smaller"
                .formatted(from, to));
      }
    }
  }

  /** {@code 1 / (1 + exp(-of))}, between 0 and 1. */
  record Sigmoid(Node of) implements Node {}

  /**
   * {@code (of - mean) / (std + 1e-4)}, with mean and population standard deviation of the values
   * that are present. In a sum of separately normalised parts, the weights are independent of the
   * parts' scales.
   */
  record Normalise(Node of, Over over) implements Node {}

  /**
   * Win rate of an image against the others of its group, 0 to 1: the mean over them of {@code P(i
   * beats j) = 1 / (1 + exp(-(of_i - of_j) / temperature))}, or at temperature 0 of 1 for a larger
   * value, 1/2 for an equal one and 0 for a smaller one, as Pref-GRPO (arXiv 2508.20751) counts a
   * judge's preferences. The sum over G images is G / 2. Absent for an image without others to
   * compare with.
   */
  record WinRate(Node of, double temperature) implements Node {
    public WinRate {
      requireFinite("the temperature of a win rate", temperature);
      if (temperature < 0) {
        throw new IllegalArgumentException(
            "the temperature of a win rate is %s; make it 0 or more".formatted(temperature));
      }
    }
  }

  /**
   * {@code (of - mean) / (std + 1e-4)}, with running mean and variance of all steps so far,
   * including this one. Both are initialised from the first step that has values; each later step,
   * of mean m and variance v, updates them to {@code p mean + (1 - p) m} and {@code p variance + (1
   * - p) v + p (1 - p) (m - mean)^2}, which is the variance of the mixture; p is the momentum.
   *
   * @param momentum share of the previous statistics, 0 to less than 1
   */
  record RunningNormalise(Node of, double momentum) implements Node {
    public RunningNormalise {
      if (!(momentum >= 0 && momentum < 1)) {
        throw new IllegalArgumentException(
            "the momentum of the graph is %s, must be at least 0 and less than 1"
                .formatted(momentum));
      }
    }
  }

  /**
   * {@code weight * of}, where the weight is {@code from} up to step {@code start}, {@code to} from
   * step {@code end} on, and linearly interpolated in between.
   *
   * @param start learner step, from 0
   * @param end a later learner step
   */
  record Schedule(Node of, double from, double to, int start, int end) implements Node {
    public Schedule {
      requireFinite("the first weight of a schedule", from);
      requireFinite("the last weight of a schedule", to);
      if (start < 0 || start >= end) {
        throw new IllegalArgumentException(
            "a schedule goes from step %d to step %d; make the first the smaller, and at least 0"
                .formatted(start, end));
      }
    }

    /** Returns the weight in a learner step. */
    double weight(int step) {
      double share = ((double) step - start) / (end - start);
      return share <= 0 ? from : share >= 1 ? to : from + (to - from) * share;
    }
  }

  /**
   * {@code open} for images with {@code test >= threshold}, {@code shut} for others; absent if the
   * test or the selected node is.
   */
  record Gate(Node test, double threshold, Node open, Node shut) implements Node {
    public Gate {
      requireFinite("the threshold of a gate", threshold);
    }
  }

  /**
   * The node selected by an attribute of the group's prompt.
   *
   * @param cases nodes by the attribute's value: a string as it is, a number or boolean in JSON
   *     notation
   * @param otherwise node for a prompt that lacks the attribute, or has another value
   */
  record Route(String attribute, SortedMap<String, Node> cases, Node otherwise) implements Node {
    public Route {
      cases = Collections.unmodifiableSortedMap(new TreeMap<>(cases));
      if (otherwise == null) {
        throw new IllegalArgumentException(
            "a route by \"%s\" has no default, so that other prompts would have no reward; give it one"
                .formatted(attribute));
      }
      if (cases.isEmpty()) {
        throw new IllegalArgumentException(
            "a route by \"%s\" has no cases; give it one, or take its default alone"
                .formatted(attribute));
      }
    }
  }

  /** A node whose mean is reported. */
  record Named(String name, Node of) implements Node {
    public Named {
      if (name.isBlank()) {
        throw new IllegalArgumentException("the name of a node is empty; give it one");
      }
    }
  }

  static Node leaf(String name) {
    return new Leaf(name);
  }

  static Node constant(double value) {
    return new Constant(value);
  }

  static Node sum(Node... parts) {
    return new Combine(Operation.SUM, List.of(parts));
  }

  static Node product(Node... parts) {
    return new Combine(Operation.PRODUCT, List.of(parts));
  }

  static Node min(Node... parts) {
    return new Combine(Operation.MIN, List.of(parts));
  }

  static Node max(Node... parts) {
    return new Combine(Operation.MAX, List.of(parts));
  }

  static Node mean(Node... parts) {
    return new Combine(Operation.MEAN, List.of(parts));
  }

  static Node median(Node... parts) {
    return new Combine(Operation.MEDIAN, List.of(parts));
  }

  static Node meanMinusStd(double factor, Node... parts) {
    return new MeanMinusStd(List.of(parts), factor);
  }

  static Node weightedMean(Node... parts) {
    return WeightedMean.ofParts(List.of(parts));
  }

  static Node gate(Node test, double threshold, Node open, Node shut) {
    return new Gate(test, threshold, open, shut);
  }

  static Node route(String attribute, Map<String, Node> cases, Node otherwise) {
    return new Route(attribute, new TreeMap<>(cases), otherwise);
  }

  default Node weight(double weight) {
    return new Weight(this, weight);
  }

  default Node plus(Node other) {
    return sum(this, other);
  }

  default Node clip(double from, double to) {
    return new Clip(this, from, to);
  }

  default Node sigmoid() {
    return new Sigmoid(this);
  }

  default Node normalised(Over over) {
    return new Normalise(this, over);
  }

  default Node winRate(double temperature) {
    return new WinRate(this, temperature);
  }

  default Node runningNormalised(double momentum) {
    return new RunningNormalise(this, momentum);
  }

  default Node scheduled(double from, double to, int start, int end) {
    return new Schedule(this, from, to, start, end);
  }

  default Node named(String name) {
    return new Named(name, this);
  }

  /** Returns the children of this node, in order. */
  default List<Node> parts() {
    if (this instanceof Weight weight) {
      return List.of(weight.of());
    } else if (this instanceof Combine combine) {
      return combine.of();
    } else if (this instanceof MeanMinusStd mean) {
      return mean.of();
    } else if (this instanceof WeightedMean mean) {
      return List.copyOf(mean.of());
    } else if (this instanceof Clip clip) {
      return List.of(clip.of());
    } else if (this instanceof Sigmoid sigmoid) {
      return List.of(sigmoid.of());
    } else if (this instanceof Normalise normalise) {
      return List.of(normalise.of());
    } else if (this instanceof WinRate rate) {
      return List.of(rate.of());
    } else if (this instanceof RunningNormalise normalise) {
      return List.of(normalise.of());
    } else if (this instanceof Schedule schedule) {
      return List.of(schedule.of());
    } else if (this instanceof Gate gate) {
      return List.of(gate.test(), gate.open(), gate.shut());
    } else if (this instanceof Route route) {
      List<Node> all = new ArrayList<>(route.cases().values());
      all.add(route.otherwise());
      return all;
    } else if (this instanceof Named named) {
      return List.of(named.of());
    }
    return List.of();
  }

  private static void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s of the graph is %s, must be a finite number".formatted(what, value));
    }
  }

  private static <N extends Node> List<N> requireParts(String what, List<N> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("%s has no parts; give it one".formatted(what));
    }
    return List.copyOf(parts);
  }
}
