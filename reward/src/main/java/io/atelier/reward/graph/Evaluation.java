package io.atelier.reward.graph;

import io.atelier.reward.graph.GraphState.Statistics;
import io.atelier.reward.graph.Node.Clip;
import io.atelier.reward.graph.Node.Combine;
import io.atelier.reward.graph.Node.Constant;
import io.atelier.reward.graph.Node.Gate;
import io.atelier.reward.graph.Node.Leaf;
import io.atelier.reward.graph.Node.MeanMinusStd;
import io.atelier.reward.graph.Node.Named;
import io.atelier.reward.graph.Node.Normalise;
import io.atelier.reward.graph.Node.Route;
import io.atelier.reward.graph.Node.RunningNormalise;
import io.atelier.reward.graph.Node.Schedule;
import io.atelier.reward.graph.Node.Sigmoid;
import io.atelier.reward.graph.Node.Weight;
import io.atelier.reward.graph.Node.WeightedMean;
import io.atelier.reward.graph.Node.WinRate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** One evaluation of a graph, over the groups of one step. Does not change its inputs. */
final class Evaluation {

  /** Added to the standard deviation that {@link Normalise} divides by, as in Flow-GRPO. */
  private static final double EPSILON = 1e-4;

  private final List<ScoreTable> groups;
  private final int step;
  private final Map<Node, Statistics> before;
  private final Map<Node, Statistics> after;
  private final SortedMap<String, Scores> named = new TreeMap<>();

  Evaluation(List<ScoreTable> groups, int step, GraphState before) {
    this.groups = groups;
    this.step = step;
    this.before = before.statistics();
    this.after = new HashMap<>(this.before);
  }

  StepRewards rewards(Node root) {
    Scores scores = scores(root);
    List<float[]> rewards = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      float[] own = new float[groups.get(g).images()];
      for (int i = 0; i < own.length; i++) {
        if (scores.isAbsent(g, i)) {
          throw new IllegalArgumentException(
              ("image %d of group %s has no reward: no part of the graph applies to its prompt"
                      + " \"%s\"; give the graph a part that every prompt has, such as a number")
                  .formatted(i, groups.get(g).id(), groups.get(g).prompt().text()));
        }
        own[i] = (float) scores.get(g, i);
        requireFinite(own[i], () -> "the reward", g, i);
      }
      rewards.add(own);
    }
    return new StepRewards(rewards, named, new GraphState(after));
  }

  private void requireFinite(double value, Supplier<String> what, int group, int image) {
    if (!Double.isFinite(value)) {
      throw new ArithmeticException(
          "%s of image %d of group %s is %s, by the graph of the reward"
              .formatted(what.get(), image, groups.get(group).id(), value));
    }
  }

  private Scores scores(Node node) {
    Scores scores = made(node);
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < scores.images(g); i++) {
        if (!scores.isAbsent(g, i)) {
          requireFinite(scores.get(g, i), () -> NodeText.line(node), g, i);
        }
      }
    }
    return scores;
  }

  private Scores made(Node node) {
    if (node instanceof Leaf leaf) {
      return leaf(leaf);
    } else if (node instanceof Constant constant) {
      Scores same = new Scores(groups);
      return each(same, (g, i) -> same.set(g, i, constant.value()));
    } else if (node instanceof Weight weight) {
      return mapped(weight.of(), value -> weight.weight() * value);
    } else if (node instanceof Combine combine) {
      return combined(combine.of(), combine.operation()::of);
    } else if (node instanceof MeanMinusStd mean) {
      return combined(mean.of(), v -> Operation.mean(v) - mean.factor() * Operation.std(v));
    } else if (node instanceof WeightedMean mean) {
      return weightedMean(mean);
    } else if (node instanceof Clip clip) {
      return mapped(clip.of(), value -> Math.max(clip.from(), Math.min(clip.to(), value)));
    } else if (node instanceof Sigmoid sigmoid) {
      return mapped(sigmoid.of(), value -> 1 / (1 + StrictMath.exp(-value)));
    } else if (node instanceof Normalise normalise) {
      return normalised(normalise);
    } else if (node instanceof WinRate rate) {
      return winRates(rate);
    } else if (node instanceof RunningNormalise normalise) {
      return normalised(normalise);
    } else if (node instanceof Schedule schedule) {
      double weight = schedule.weight(step);
      return mapped(schedule.of(), value -> weight * value);
    } else if (node instanceof Gate gate) {
      return gated(gate);
    } else if (node instanceof Route route) {
      return routed(route);
    } else if (node instanceof Named name) {
      named.put(name.name(), scores(name.of()));
      return named.get(name.name());
    }
    throw new IllegalStateException("no values of " + node);
  }

  private Scores leaf(Leaf leaf) {
    Scores scores = new Scores(groups);
    for (int g = 0; g < groups.size(); g++) {
      float[] raw = groups.get(g).leaves().get(leaf.name());
      for (int i = 0; raw != null && i < raw.length; i++) {
        scores.set(g, i, raw[i]);
      }
    }
    return scores;
  }

  private Scores mapped(Node of, DoubleUnaryOperator operation) {
    Scores from = scores(of);
    Scores to = new Scores(groups);
    for (int g = 0; g < groups.size(); g++) {
      to.setFrom(from, g, operation);
    }
    return to;
  }

  private Scores combined(List<Node> parts, ToDoubleFunction<double[]> operation) {
    List<Scores> all = parts.stream().map(this::scores).toList();
    Scores to = new Scores(groups);
    return each(
        to,
        (g, i) -> {
          double[] present =
              all.stream()
                  .filter(part -> !part.isAbsent(g, i))
                  .mapToDouble(part -> part.get(g, i))
                  .toArray();
          if (present.length > 0) {
            to.set(g, i, operation.applyAsDouble(present));
          }
        });
  }

  private Scores weightedMean(WeightedMean mean) {
    List<Scores> all = mean.of().stream().map(part -> scores(part.of())).toList();
    Scores to = new Scores(groups);
    return each(
        to,
        (g, i) -> {
          double sum = 0;
          double weights = 0;
          for (int k = 0; k < all.size(); k++) {
            if (!all.get(k).isAbsent(g, i)) {
              sum += mean.of().get(k).weight() * all.get(k).get(g, i);
              weights += mean.of().get(k).weight();
            }
          }
          if (weights > 0) {
            to.set(g, i, sum / weights);
          }
        });
  }

  private Scores winRates(WinRate rate) {
    Scores from = scores(rate.of());
    Scores to = new Scores(groups);
    for (int g = 0; g < groups.size(); g++) {
      double[] all = from.present(g);
      if (all.length > 1) {
        to.setFrom(from, g, value -> winRate(value, all, rate.temperature()));
      }
    }
    return to;
  }

  /**
   * @param all values of the group, including {@code value}, whose half win against itself is
   *     subtracted
   */
  private static double winRate(double value, double[] all, double temperature) {
    double wins = -0.5;
    for (double other : all) {
      wins +=
          temperature == 0
              ? (1 + Math.signum(value - other)) / 2
              : 1 / (1 + StrictMath.exp((other - value) / temperature));
    }
    return wins / (all.length - 1);
  }

  private Scores normalised(Normalise normalise) {
    Scores from = scores(normalise.of());
    Scores to = new Scores(groups);
    double[] all = from.present();
    if (normalise.over() == Over.PREVIOUS_STEP) {
      if (all.length > 0) {
        after.put(normalise, Statistics.of(all));
      }
      if (before.containsKey(normalise)) {
        return normalised(from, before.get(normalise));
      }
    }
    for (int g = 0; g < groups.size(); g++) {
      double[] of = normalise.over() == Over.GROUP ? from.present(g) : all;
      double mean = Operation.mean(of);
      double std = Operation.std(of);
      to.setFrom(from, g, value -> (value - mean) / (std + EPSILON));
    }
    return to;
  }

  private Scores normalised(RunningNormalise normalise) {
    Scores from = scores(normalise.of());
    double[] all = from.present();
    if (all.length == 0) {
      return from;
    }
    Statistics own = Statistics.of(all);
    Statistics running =
        before.containsKey(normalise)
            ? before.get(normalise).mixed(own, normalise.momentum())
            : own;
    after.put(normalise, running);
    return normalised(from, running);
  }

  private Scores normalised(Scores from, Statistics by) {
    Scores to = new Scores(groups);
    for (int g = 0; g < groups.size(); g++) {
      to.setFrom(from, g, v -> (v - by.mean()) / (Math.sqrt(by.variance()) + EPSILON));
    }
    return to;
  }

  private Scores gated(Gate gate) {
    Scores test = scores(gate.test());
    Scores open = scores(gate.open());
    Scores shut = scores(gate.shut());
    Scores to = new Scores(groups);
    return each(
        to,
        (g, i) -> {
          if (!test.isAbsent(g, i)) {
            Scores chosen = test.get(g, i) >= gate.threshold() ? open : shut;
            if (!chosen.isAbsent(g, i)) {
              to.set(g, i, chosen.get(g, i));
            }
          }
        });
  }

  private Scores routed(Route route) {
    SortedMap<String, Scores> cases = new TreeMap<>();
    route.cases().forEach((value, node) -> cases.put(value, scores(node)));
    Scores otherwise = scores(route.otherwise());
    Scores to = new Scores(groups);
    for (int g = 0; g < groups.size(); g++) {
      Scores chosen =
          Attributes.of(groups.get(g).prompt(), route.attribute())
              .map(cases::get)
              .orElse(otherwise);
      to.setFrom(chosen, g, value -> value);
    }
    return to;
  }

  private interface Place {
    void at(int group, int image);
  }

  private Scores each(Scores scores, Place place) {
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < scores.images(g); i++) {
        place.at(g, i);
      }
    }
    return scores;
  }
}
