package io.atelier.reward.graph;

import io.atelier.models.files.NearestName;
import io.atelier.models.state.NamedTensors;
import io.atelier.rollout.Prompt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Computes the rewards of a learner step from the raw scores of all of its groups.
 *
 * @param root node whose values are the rewards
 */
public record RewardGraph(Node root) {

  /**
   * Creates a graph and checks it.
   *
   * @param leaves names of the available rewards
   * @throws IllegalArgumentException if a leaf is not among them, there is no leaf, or two nodes
   *     have the same name
   */
  public static RewardGraph of(Node root, Collection<String> leaves) {
    Map<String, Node> names = new HashMap<>();
    for (Node node : new RewardGraph(root).nodes()) {
      if (node instanceof Node.Leaf leaf && !leaves.contains(leaf.name())) {
        throw new IllegalArgumentException(
            "graph names the reward \"%s\", which does not exist%s; there are %s"
                .formatted(
                    leaf.name(),
                    NearestName.to(leaf.name(), leaves)
                        .map("; did you mean %s?"::formatted)
                        .orElse(""),
                    String.join(", ", new TreeSet<>(leaves))));
      }
      if (node instanceof Node.Named named) {
        Node before = names.putIfAbsent(named.name(), node);
        if (leaves.contains(named.name()) || before != null && !before.equals(node)) {
          throw new IllegalArgumentException(
              "graph has two nodes that are called \"%s\"%s; give one another name"
                  .formatted(named.name(), before == null ? ", one of them a reward" : ""));
        }
      }
    }
    RewardGraph graph = new RewardGraph(root);
    if (graph.leaves().isEmpty()) {
      throw new IllegalArgumentException(
          "graph names no reward, so that every image would get the same; name one of %s"
              .formatted(String.join(", ", new TreeSet<>(leaves))));
    }
    return graph;
  }

  /** Returns the names of the rewards that the graph uses, including those of weight 0. */
  public SortedSet<String> leaves() {
    SortedSet<String> leaves = new TreeSet<>();
    for (Node node : nodes()) {
      if (node instanceof Node.Leaf leaf) {
        leaves.add(leaf.name());
      }
    }
    return leaves;
  }

  /**
   * @throws IllegalArgumentException if values are normalised over groups of one image, which makes
   *     them all 0, or compared within such groups
   */
  public void requireGroupSize(int images) {
    for (Node node : nodes()) {
      if (images == 1 && node instanceof Node.Normalise normal && normal.over() == Over.GROUP) {
        throw new IllegalArgumentException(
            "graph normalises over groups of 1 image, which makes 0 of every value; make groups"
                + " larger, or normalise over the step");
      }
      if (images == 1 && node instanceof Node.WinRate) {
        throw new IllegalArgumentException(
            "graph has a win rate in groups of 1 image, which has no other to win against; make"
                + " groups larger");
      }
    }
  }

  /**
   * @throws IllegalArgumentException naming the node, if the rewards of a group depend on more than
   *     its own scores
   */
  public void requireGroupsApart() {
    for (Node node : nodes()) {
      if (node instanceof Node.Normalise normal && normal.over() != Over.GROUP
          || node instanceof Node.RunningNormalise
          || node instanceof Node.Schedule) {
        throw new IllegalArgumentException(
            ("graph has \"%s\", which makes the rewards of a group depend on its step, so that"
                    + " whether it is flat is unknown until the step is complete; normalise over the"
                    + " group, or set learner.flat-groups=drop")
                .formatted(NodeText.line(node)));
      }
    }
  }

  /**
   * Fails if the values of images and of intermediate states cannot be compared, because each would
   * be normalised by its own mean and standard deviation.
   *
   * @throws IllegalArgumentException if the graph normalises values or has win rates
   */
  public void requireComparable() {
    if (nodes().stream()
        .anyMatch(
            node ->
                node instanceof Node.Normalise
                    || node instanceof Node.RunningNormalise
                    || node instanceof Node.WinRate)) {
      throw new IllegalArgumentException(
          "graph normalises or has win rates, which puts images and intermediate states on different"
              + " scales, so that no step has a gain; weight the parts instead, or set"
              + " learner.credit.steps.mode to none");
    }
  }

  /**
   * Checks the attributes of a run's prompts that the graph routes by.
   *
   * @return a line for each case that no prompt matches
   * @throws IllegalArgumentException naming the prompt, if such an attribute is a list or an object
   */
  public List<String> unused(Collection<Prompt> prompts) {
    List<String> unused = new ArrayList<>();
    for (Node node : nodes()) {
      if (node instanceof Node.Route route) {
        SortedSet<String> values = new TreeSet<>();
        prompts.forEach(p -> Attributes.of(p, route.attribute()).ifPresent(values::add));
        for (String value : route.cases().keySet()) {
          if (!values.contains(value)) {
            unused.add(
                "no prompt has \"%s\": \"%s\", for which the graph has a case%s"
                    .formatted(
                        route.attribute(),
                        value,
                        NearestName.to(value, values)
                            .map("; the nearest value is \"%s\""::formatted)
                            .orElse("")));
          }
        }
      }
    }
    return unused;
  }

  /**
   * Fails unless every score is normalised somewhere in the graph, so that the result can be an
   * advantage.
   *
   * @throws IllegalArgumentException naming a leaf that is not
   */
  public void requireNormalised() {
    requireNormalised(root);
  }

  private static void requireNormalised(Node node) {
    if (node instanceof Node.Leaf leaf) {
      throw new IllegalArgumentException(
          "graph does not normalise \"%s\", so that its values are no advantages; normalise it over the group"
              .formatted(leaf.name()));
    }
    if (!(node instanceof Node.Normalise || node instanceof Node.RunningNormalise)) {
      node.parts().forEach(RewardGraph::requireNormalised);
    }
  }

  /** Whether the rewards of a step depend on earlier steps. */
  public boolean remembers() {
    return nodes().stream()
        .anyMatch(
            node ->
                node instanceof Node.RunningNormalise
                    || node instanceof Node.Normalise normal
                        && normal.over() == Over.PREVIOUS_STEP);
  }

  /** Reads this graph's state from a checkpoint. */
  public GraphState state(NamedTensors checkpoint) {
    return GraphState.of(this, checkpoint);
  }

  /**
   * Computes the rewards of a first step; otherwise like {@link #evaluate(List, int, GraphState)}.
   */
  public StepRewards evaluate(List<ScoreTable> groups) {
    return evaluate(groups, 0, GraphState.NONE);
  }

  /**
   * Computes the rewards of a step.
   *
   * @param groups in slot order
   * @param step the learner step, from 0
   * @param before state of the graph after the previous step
   * @throws IllegalArgumentException naming the image, if its reward is absent
   * @throws ArithmeticException naming the image, if a value is not finite
   */
  public StepRewards evaluate(List<ScoreTable> groups, int step, GraphState before) {
    return new Evaluation(groups, step, before).rewards(root);
  }

  /** Returns all nodes, each before its parts. */
  List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    add(root, nodes);
    return nodes;
  }

  private static void add(Node node, List<Node> nodes) {
    nodes.add(node);
    node.parts().forEach(part -> add(part, nodes));
  }
}
