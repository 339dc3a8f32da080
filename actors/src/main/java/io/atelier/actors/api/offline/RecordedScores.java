package io.atelier.actors.api.offline;

import com.typesafe.config.ConfigUtil;
import io.atelier.actors.config.TrainConfig;
import io.atelier.actors.ledger.journal.LedgerEntry;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.reward.graph.GraphState;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.graph.ScoreTable;
import io.atelier.reward.graph.StepRewards;
import io.atelier.reward.sum.WeightedSum;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Recomputes rewards from the scores in a ledger, step by step as the run did. */
final class RecordedScores {
  private final Optional<RewardGraph> graph;
  private WeightedSum sum;
  private GraphState state = GraphState.NONE;

  RecordedScores(TrainConfig config) {
    this.graph = config.reward().graph().map(RewardGraph::new);
    this.sum = new WeightedSum(weights(config));
  }

  /** Whether the rewards of a step depend on the steps before. */
  boolean remembers() {
    return graph.map(RewardGraph::remembers).orElse(false);
  }

  /** Changes the weight of a reward from the next step on. */
  void amend(String name, double weight) {
    sum = sum.with(Map.of(name, weight));
  }

  /** Name of what computes the rewards, for messages. */
  String maker() {
    return graph.isPresent() ? "reward.graph" : "the sum";
  }

  /**
   * The rewards of each group of the next step.
   *
   * @throws IllegalArgumentException if a score has no weight, or an image no reward
   * @throws ArithmeticException if a value is not finite
   */
  List<float[]> rewards(int step, List<LedgerEntry.Rewarded> groups) {
    return graph
        .map(by -> evaluated(by, step, groups))
        .orElseGet(
            () ->
                groups.stream()
                    .map(group -> sum.of(leaves(group), group.rewards().size()))
                    .toList());
  }

  private List<float[]> evaluated(RewardGraph by, int step, List<LedgerEntry.Rewarded> groups) {
    StepRewards made =
        by.evaluate(groups.stream().map(RecordedScores::table).toList(), step, state);
    state = made.state();
    return made.rewards();
  }

  /**
   * The values of the states before a trained step, by group and image. Credit by step does not
   * allow a graph that remembers.
   *
   * @param step the learner step
   * @param trained the trained step
   * @throws IllegalArgumentException if a score has no weight, or an image no reward
   */
  List<float[]> potentials(int step, int trained, List<LedgerEntry.Rewarded> groups) {
    List<Map<String, float[]>> states =
        groups.stream().map(group -> leaves(group.steps().get(trained).scores())).toList();
    List<float[]> values =
        graph
            .map(by -> by.evaluate(tables(groups, states), step, GraphState.NONE).rewards())
            .orElseGet(() -> states.stream().map(own -> sum.of(own, images(own))).toList());
    return IntStream.range(0, groups.size())
        .mapToObj(g -> Scoring.ofEach(values.get(g), groups.get(g).rewards().size()))
        .toList();
  }

  private static List<ScoreTable> tables(
      List<LedgerEntry.Rewarded> groups, List<Map<String, float[]>> states) {
    return IntStream.range(0, groups.size())
        .mapToObj(
            g ->
                new ScoreTable(
                    groups.get(g).id(),
                    groups.get(g).prompt(),
                    images(states.get(g)),
                    states.get(g)))
        .toList();
  }

  private static int images(Map<String, float[]> leaves) {
    return leaves.values().stream().mapToInt(scores -> scores.length).max().orElse(0);
  }

  private static ScoreTable table(LedgerEntry.Rewarded group) {
    return new ScoreTable(group.id(), group.prompt(), group.rewards().size(), leaves(group));
  }

  private static Map<String, float[]> leaves(LedgerEntry.Rewarded group) {
    return leaves(group.scores());
  }

  private static Map<String, float[]> leaves(Map<String, List<Float>> parts) {
    Map<String, float[]> leaves = new LinkedHashMap<>();
    parts.forEach((name, scores) -> leaves.put(name, floats(scores)));
    return leaves;
  }

  /** The weight of each part of the reward, wherever in the section its key is. */
  private static Map<String, Double> weights(TrainConfig config) {
    Map<String, Double> weights = new HashMap<>();
    config
        .tree()
        .entrySet()
        .forEach(
            entry -> {
              List<String> key = ConfigUtil.splitPath(entry.getKey());
              int last = key.size() - 1;
              if (key.get(0).equals("reward")
                  && !key.get(1).equals("graph")
                  && last >= 2
                  && key.get(last).equals("weight")) {
                weights.put(key.get(last - 1), config.tree().getDouble(entry.getKey()));
              }
            });
    return weights;
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }
}
