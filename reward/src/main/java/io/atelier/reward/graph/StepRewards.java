package io.atelier.reward.graph;

import java.util.List;
import java.util.SortedMap;

/**
 * Result of a graph for one step.
 *
 * @param rewards a finite value for each image of each group, in the order of the groups
 * @param named values of the named nodes
 * @param state state of the graph after the step
 */
public record StepRewards(
    List<float[]> rewards, SortedMap<String, Scores> named, GraphState state) {}
