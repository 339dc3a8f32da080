package io.atelier.actors.report;

import io.atelier.reward.graph.GraphState;
import java.util.List;
import java.util.Map;

/**
 * The rewards that a step is trained on.
 *
 * @param rewards by group, in slot order: a value per image
 * @param potentials by group: (T, G), a value per trained step and image, computed like rewards; no
 *     steps without credit by step
 * @param metrics of the graph: {@code graph/NAME}, the mean of a node over the images that have it,
 *     {@code applies/NAME}, the share of groups to which a reward applied, if not to all, and those
 *     of {@link RewardTotals}; empty without a graph
 * @param nodes by group, the values of the graph's named nodes, one per image; NaN where there is
 *     none
 * @param state of the graph after the step
 */
public record TrainedRewards(
    List<float[]> rewards,
    List<float[][]> potentials,
    Map<String, Double> metrics,
    List<Map<String, double[]>> nodes,
    GraphState state) {}
