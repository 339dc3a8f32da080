package io.atelier.actors.report;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the policy learner made of the scores of one group, for people to look at.
 *
 * @param rewards what is trained on, one for each image
 * @param advantages what each image weighs in the loss, limited: the mean over its trained steps
 *     and places; none where the objective has no advantages
 * @param nodes values of the reward graph's nodes that have names, one for each image, NaN where
 *     there is none; empty without a graph
 */
public record GroupCredit(float[] rewards, double[] advantages, Map<String, double[]> nodes) {

  /**
   * Those of a step's groups, in slot order.
   *
   * @param advantages of each group; none where the objective has none
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
