package io.atelier.actors.report;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the policy learner computed from the scores of one group, for display.
 *
 * @param rewards the rewards trained on, one per image
 * @param advantages weight of each image in the loss, clipped: the mean over its trained steps and
 *     places; empty if the objective has no advantages
 * @param nodes values of the reward graph's named nodes, one per image, NaN where there is none;
 *     empty without a graph
 */
public record GroupCredit(float[] rewards, double[] advantages, Map<String, double[]> nodes) {

  /**
   * The credit of a step's groups, in slot order.
   *
   * @param advantages of each group; empty if the objective has none
   */
  public static List<GroupCredit> of(TrainedRewards rewards, List<double[]> advantages) {
    return IntStream.range(0, rewards.rewards().size())
        .mapToObj(
            g ->
                new GroupCredit(
                    rewards.rewards().get(g),
                    advantages.isEmpty() ? new double[0] : advantages.get(g),
                    rewards.nodes().get(g)))
        .toList();
  }
}
