package io.atelier.actors.report;

import io.atelier.reward.graph.GraphState;
import java.util.List;
import java.util.Map;

/**
 * The rewards that a step is trained on.
 *
 * @param rewards of each group, in slot order: a value for each image
 * @param potentials of each group: for each trained step a value for each image, (T, G), made as
 *     rewards are; of no steps where credit is not given by step
 * @param metrics of the graph: {@code graph/NAME}, the mean of a node over the images that have it,
 *     {@code applies/NAME}, the share of groups to which a reward applied, if not to all, and what
 *     {@link RewardTotals} tells of rewards; none without a graph
 * @param nodes of each group the values of the graph's nodes that have names, one for each image;
 *     NaN where there is none
 * @param state what the graph remembers after the step
 */
public record TrainedRewards(
    List<float[]> rewards,
    List<float[][]> potentials,
    Map<String, Double> metrics,
    List<Map<String, double[]>> nodes,
    GraphState state) {}
