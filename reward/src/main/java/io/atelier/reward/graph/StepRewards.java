package io.atelier.reward.graph;

import java.util.List;
import java.util.SortedMap;

/**
 * What a graph made of the scores of a step.
 *
 * @param rewards of each group, in the order of the groups: a finite value for each image
 * @param named values of the nodes that have names
 * @param state what the graph remembers after the step
 */
public record StepRewards(
    List<float[]> rewards, SortedMap<String, Scores> named, GraphState state) {}
