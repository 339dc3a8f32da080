package io.atelier.actors.learning;

import io.atelier.actors.ledger.Flatness;
import io.atelier.actors.ledger.model.Scoring;
import io.atelier.actors.port.PromptSource;
import io.atelier.actors.protocol.PolicyLearnerCommand;
import io.atelier.actors.report.RewardTotals;
import io.atelier.actors.report.TrainedRewards;
import io.atelier.reward.Reward;
import io.atelier.reward.graph.GraphState;
import io.atelier.reward.graph.RewardGraph;
import io.atelier.reward.graph.ScoreTable;
import io.atelier.reward.graph.StepRewards;
import io.atelier.reward.sum.WeightedSum;
import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Makes the rewards of a step of the scores of its groups. */
public final class RewardStage {

  private RewardStage() {}

  /**
   * @param graph what makes them of the scores; empty for the sums that the workers made. The
   *     completions of a trained step are evaluated as a learner step of their own; a graph that
   *     normalises would put each on a scale of its own, and is refused before a run with credit by
   *     step begins
   * @param amended the sum with other weights than the workers'; empty if theirs counts
   * @param step the learner step
   * @param before what the graph remembers of the steps before
   * @param groups in slot order
   */
  static TrainedRewards of(
      Optional<RewardGraph> graph,
      Optional<WeightedSum> amended,
      int step,
      GraphState before,
      List<PolicyLearnerCommand.Member> groups) {
    List<Reward.Scored> scores =
        groups.stream().map(member -> member.group().scoring().scores()).toList();
    List<float[][]> potentials = potentials(graph, amended, step, groups);
    if (graph.isEmpty()) {
      List<float[]> rewards = totals(amended, scores);
      return new TrainedRewards(
          rewards,
          potentials,
          amended.isPresent() ? RewardTotals.of(rewards) : Map.of(),
          Collections.nCopies(groups.size(), Map.of()),
          GraphState.NONE);
    }
    List<ScoreTable> tables = tables(groups, scores);
    StepRewards made = graph.get().evaluate(tables, step, before);
    return new TrainedRewards(
        made.rewards(),
        potentials,
        metrics(graph.get(), tables, made),
        IntStream.range(0, groups.size()).mapToObj(g -> nodes(made, g)).toList(),
        made.state());
  }

  private static Map<String, double[]> nodes(StepRewards step, int group) {
    int images = step.rewards().get(group).length;
    Map<String, double[]> nodes = new TreeMap<>();
    step.named()
        .forEach(
            (name, scores) ->
                nodes.put(
                    name,
                    IntStream.range(0, images)
                        .mapToDouble(
                            i -> scores.isAbsent(group, i) ? Double.NaN : scores.get(group, i))
                        .toArray()));
    return nodes;
  }

  /**
   * Which groups are flat by what they are trained on.
   *
   * @param graph one that makes each group's rewards of its own scores alone
   */
  public static Flatness flatness(Optional<RewardGraph> graph, PromptSource prompts) {
    return (id, attempt, scores) -> {
      if (graph.isEmpty()) {
        return RewardTotals.isFlat(scores.total());
      }
      Prompt prompt = prompts.prompt(id, attempt);
      try {
        return RewardTotals.isFlat(
            graph.get().evaluate(List.of(table(id, prompt, scores))).rewards().get(0));
      } catch (IllegalArgumentException | ArithmeticException e) {
        return false; // the learner will fail with the same error
      }
    };
  }

  private static Map<String, Double> metrics(
      RewardGraph graph, List<ScoreTable> groups, StepRewards step) {
    Map<String, Double> metrics = new TreeMap<>(RewardTotals.of(step.rewards()));
    step.named()
        .forEach(
            (name, scores) -> scores.mean().ifPresent(mean -> metrics.put("graph/" + name, mean)));
    for (String name : graph.leaves()) {
      long scored = groups.stream().filter(group -> group.leaves().containsKey(name)).count();
      if (scored < groups.size()) {
        metrics.put("applies/" + name, scored / (double) groups.size());
      }
    }
    return metrics;
  }

  private static List<float[][]> potentials(
      Optional<RewardGraph> graph,
      Optional<WeightedSum> amended,
      int step,
      List<PolicyLearnerCommand.Member> groups) {
    int steps = groups.get(0).group().scoring().potentials().size();
    List<float[][]> potentials = new ArrayList<>();
    groups.forEach(member -> potentials.add(new float[steps][]));
    for (int t = 0; t < steps; t++) {
      int trained = t;
      List<Reward.Scored> scores =
          groups.stream()
              .map(member -> member.group().scoring().potentials().get(trained))
              .toList();
      List<float[]> values =
          graph
              .map(of -> of.evaluate(tables(groups, scores), step, GraphState.NONE).rewards())
              .orElseGet(() -> totals(amended, scores));
      for (int g = 0; g < groups.size(); g++) {
        int images = groups.get(g).group().scoring().scores().total().length;
        potentials.get(g)[t] = Scoring.ofEach(values.get(g), images);
      }
    }
    return potentials;
  }

  private static List<float[]> totals(Optional<WeightedSum> amended, List<Reward.Scored> scores) {
    return scores.stream()
        .map(own -> amended.map(by -> by.of(own.parts(), own.total().length)).orElse(own.total()))
        .toList();
  }

  private static List<ScoreTable> tables(
      List<PolicyLearnerCommand.Member> groups, List<Reward.Scored> scores) {
    return IntStream.range(0, groups.size())
        .mapToObj(g -> table(groups.get(g).group().id(), groups.get(g).prompt(), scores.get(g)))
        .toList();
  }

  private static ScoreTable table(GroupId id, Prompt prompt, Reward.Scored scores) {
    return new ScoreTable(id, prompt, scores.total().length, scores.parts());
  }
}
