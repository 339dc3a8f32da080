package io.atelier.reward.graph;

import io.atelier.models.state.NamedTensors;
import io.atelier.models.state.NamedTensors.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * State that a graph carries from step to step: mean and variance of the values of each node that
 * normalises by them. In float32, as in a checkpoint, so that a resumed run is bit-exact.
 * Immutable.
 */
public final class GraphState {

  /** State before the first step. */
  public static final GraphState NONE = new GraphState(Map.of());

  private static final String PREFIX = "graph.";

  /** Mean and population variance. */
  record Statistics(float mean, float variance) {

    static Statistics of(double[] values) {
      double std = Operation.std(values);
      return new Statistics((float) Operation.mean(values), (float) (std * std));
    }

    /**
     * Returns mean and variance of a mixture: {@code momentum} of this and the rest of {@code
     * other}.
     */
    Statistics mixed(Statistics other, double momentum) {
      double rest = 1 - momentum;
      double apart = (double) other.mean - mean;
      return new Statistics(
          (float) (mean + rest * apart),
          (float) (momentum * variance + rest * other.variance + momentum * rest * apart * apart));
    }
  }

  private final Map<Node, Statistics> statistics;

  GraphState(Map<Node, Statistics> statistics) {
    this.statistics = Map.copyOf(statistics);
  }

  Map<Node, Statistics> statistics() {
    return statistics;
  }

  /** Adds this state to {@code other}, for a checkpoint. */
  public NamedTensors with(NamedTensors other) {
    Map<String, Tensor> all = new TreeMap<>(other.asMap());
    statistics.forEach(
        (node, of) -> {
          float[] values = {of.mean(), of.variance()};
          if (all.put(name(node), new Tensor(new long[] {values.length}, values)) != null) {
            throw new IllegalStateException("two states are called \"%s\"".formatted(name(node)));
          }
        });
    return new NamedTensors(all);
  }

  /** Reads the state of a graph from a checkpoint. */
  static GraphState of(RewardGraph graph, NamedTensors checkpoint) {
    Map<Node, Statistics> statistics = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (checkpoint.contains(name(node))) {
        float[] values = checkpoint.get(name(node)).values();
        statistics.put(node, new Statistics(values[0], values[1]));
      }
    }
    return new GraphState(statistics);
  }

  private static String name(Node node) {
    return PREFIX + String.join("/", NodeText.lines(node));
  }
}
