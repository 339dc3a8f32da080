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
 *     and what {@link StepReports} tells of rewards; none without a graph
 */
record TrainedRewards(List<float[]> rewards, Map<String, Double> metrics) {

  /**
   * @param graph what makes them of the scores; empty for the sums that the workers made
   * @param groups in slot order
   */
  static TrainedRewards of(Optional<RewardGraph> graph, List<PolicyLearner.Member> groups) {
    return graph
        .map(made -> of(made.evaluate(groups.stream().map(TrainedRewards::table).toList())))
        .orElseGet(
            () ->
                new TrainedRewards(
                    groups.stream().map(g -> g.group().scoring().scores().total()).toList(),
                    Map.of()));
  }

  private static TrainedRewards of(StepRewards step) {
    Map<String, Double> metrics = new TreeMap<>(StepReports.totals(step.rewards()));
    step.named()
        .forEach(
            (name, scores) -> scores.mean().ifPresent(mean -> metrics.put("graph/" + name, mean)));
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
