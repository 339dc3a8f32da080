package io.atelier.actors;

import io.atelier.actors.ledger.TrainingGroup;
import io.atelier.reward.Reward;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.graph.ScoreTable;
import io.atelier.reward.graph.StepRewards;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The rewards that a step is trained on.
 *
 * @param rewards of each group, in slot order: a value for each image
 * @param potentials of each group: for each trained step a value for each image, (T, G), made as
 *     rewards are; of no steps where credit is not given by step
 * @param metrics of the graph: {@code graph/NAME}, the mean of a node over the images that have it,
 *     and what {@link StepReports} tells of rewards; none without a graph
 */
record TrainedRewards(
    List<float[]> rewards, List<float[][]> potentials, Map<String, Double> metrics) {

  /**
   * @param graph what makes them of the scores; empty for the sums that the workers made. The
   *     completions of a trained step are evaluated as a learner step of their own; a graph that
   *     normalises would put each on a scale of its own, and is refused before a run with credit by
   *     step begins
   * @param groups in slot order
   */
  static TrainedRewards of(Optional<RewardGraph> graph, List<PolicyLearner.Member> groups) {
    List<Reward.Scored> scores =
        groups.stream().map(member -> member.group().scoring().scores()).toList();
    Optional<StepRewards> made = graph.map(of -> of.evaluate(tables(groups, scores)));
    return new TrainedRewards(
        made.map(StepRewards::rewards).orElseGet(() -> totals(scores)),
        potentials(graph, groups),
        made.map(TrainedRewards::metrics).orElse(Map.of()));
  }

  private static Map<String, Double> metrics(StepRewards step) {
    Map<String, Double> metrics = new TreeMap<>(StepReports.totals(step.rewards()));
    step.named()
        .forEach(
            (name, scores) -> scores.mean().ifPresent(mean -> metrics.put("graph/" + name, mean)));
    return metrics;
  }

  private static List<float[][]> potentials(
      Optional<RewardGraph> graph, List<PolicyLearner.Member> groups) {
    int steps = groups.get(0).group().scoring().potentials().size();
    List<float[][]> potentials = new ArrayList<>();
    groups.forEach(member -> potentials.add(new float[steps][]));
    for (int t = 0; t < steps; t++) {
      int step = t;
      List<Reward.Scored> scores =
          groups.stream().map(member -> member.group().scoring().potentials().get(step)).toList();
      List<float[]> values =
          graph
              .map(of -> of.evaluate(tables(groups, scores)).rewards())
              .orElseGet(() -> totals(scores));
      for (int g = 0; g < groups.size(); g++) {
        int images = groups.get(g).group().scoring().scores().total().length;
        potentials.get(g)[t] = ofEach(values.get(g), images);
      }
    }
    return potentials;
  }

  /** One value stands for all images where they share the state. */
  private static float[] ofEach(float[] values, int images) {
    if (values.length == images) {
      return values;
    }
    float[] same = new float[images];
    Arrays.fill(same, values[0]);
    return same;
  }

  private static List<float[]> totals(List<Reward.Scored> scores) {
    return scores.stream().map(Reward.Scored::total).toList();
  }

  private static List<ScoreTable> tables(
      List<PolicyLearner.Member> groups, List<Reward.Scored> scores) {
    return IntStream.range(0, groups.size())
        .mapToObj(g -> table(groups.get(g), scores.get(g)))
        .toList();
  }

  private static ScoreTable table(PolicyLearner.Member member, Reward.Scored scores) {
    TrainingGroup group = member.group();
    return new ScoreTable(group.id(), member.prompt(), scores.total().length, scores.parts());
  }
}
