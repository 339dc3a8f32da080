package io.atelier.actors;

import io.atelier.actors.ledger.TrainingGroup;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.graph.ScoreTable;
import io.atelier.reward.graph.StepRewards;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The rewards that a step is trained on.
 *
 * @param rewards of each group, in slot order: a value for each image
 * @param metrics of the graph: {@code graph/NAME}, the mean of a node over the images that have it,
 *     {@code applies/NAME}, the share of groups to which a reward applied, if not to all, and what
 *     {@link StepReports} tells of rewards; none without a graph
 */
record TrainedRewards(List<float[]> rewards, Map<String, Double> metrics) {

  /**
   * @param graph what makes them of the scores; empty for the sums that the workers made
   * @param groups in slot order
   */
  static TrainedRewards of(Optional<RewardGraph> graph, List<PolicyLearner.Member> groups) {
    return graph
        .map(made -> of(made, groups.stream().map(TrainedRewards::table).toList()))
        .orElseGet(
            () ->
                new TrainedRewards(
                    groups.stream().map(g -> g.group().scoring().scores().total()).toList(),
                    Map.of()));
  }

  private static TrainedRewards of(RewardGraph graph, List<ScoreTable> groups) {
    StepRewards step = graph.evaluate(groups);
    Map<String, Double> metrics = new TreeMap<>(StepReports.totals(step.rewards()));
    step.named()
        .forEach(
            (name, scores) -> scores.mean().ifPresent(mean -> metrics.put("graph/" + name, mean)));
    for (String name : graph.leaves()) {
      long scored = groups.stream().filter(group -> group.leaves().containsKey(name)).count();
      if (scored < groups.size()) {
        metrics.put("applies/" + name, scored / (double) groups.size());
      }
    }
    return new TrainedRewards(step.rewards(), metrics);
  }

  private static ScoreTable table(PolicyLearner.Member member) {
    TrainingGroup group = member.group();
    return new ScoreTable(
        group.id(),
        member.prompt(),
        group.scoring().scores().total().length,
        group.scoring().scores().parts());
  }
}
