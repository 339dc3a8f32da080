package io.atelier.actors;

import io.atelier.actors.ledger.Flatness;
import io.atelier.reward.Reward;
import io.atelier.reward.graph.GraphState;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.graph.ScoreTable;
import io.atelier.reward.graph.StepRewards;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
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
 * @param state what the graph remembers after the step
 */
record TrainedRewards(List<float[]> rewards, Map<String, Double> metrics, GraphState state) {

  /**
   * @param graph what makes them of the scores; empty for the sums that the workers made
   * @param step the learner step
   * @param before what the graph remembers of the steps before
   * @param groups in slot order
   */
  static TrainedRewards of(
      Optional<RewardGraph> graph, int step, GraphState before, List<PolicyLearner.Member> groups) {
    return graph
        .map(made -> of(made, groups.stream().map(TrainedRewards::table).toList(), step, before))
        .orElseGet(
            () ->
                new TrainedRewards(
                    groups.stream().map(g -> g.group().scoring().scores().total()).toList(),
                    Map.of(),
                    GraphState.NONE));
  }

  /**
   * Which groups are flat by what they are trained on.
   *
   * @param graph one that makes each group's rewards of its own scores alone
   */
  static Flatness flatness(Optional<RewardGraph> graph, PromptSource prompts) {
    return (id, attempt, scores) -> {
      if (graph.isEmpty()) {
        return StepReports.isFlat(scores.total());
      }
      Prompt prompt = prompts.prompt(id, attempt);
      try {
        return StepReports.isFlat(
            graph.get().evaluate(List.of(table(id, prompt, scores))).rewards().get(0));
      } catch (IllegalArgumentException | ArithmeticException e) {
        return false; // the learner fails by it, and says so
      }
    };
  }

  private static TrainedRewards of(
      RewardGraph graph, List<ScoreTable> groups, int number, GraphState before) {
    StepRewards step = graph.evaluate(groups, number, before);
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
    return new TrainedRewards(step.rewards(), metrics, step.state());
  }

  private static ScoreTable table(PolicyLearner.Member member) {
    return table(member.group().id(), member.prompt(), member.group().scoring().scores());
  }

  private static ScoreTable table(GroupId id, Prompt prompt, Reward.Scored scores) {
    return new ScoreTable(id, prompt, scores.total().length, scores.parts());
  }
}
