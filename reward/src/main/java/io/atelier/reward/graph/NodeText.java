package io.atelier.reward.graph;

import io.atelier.reward.graph.Node.Clip;
import io.atelier.reward.graph.Node.Combine;
import io.atelier.reward.graph.Node.Constant;
import io.atelier.reward.graph.Node.Gate;
import io.atelier.reward.graph.Node.Leaf;
import io.atelier.reward.graph.Node.MeanMinusStd;
import io.atelier.reward.graph.Node.Named;
import io.atelier.reward.graph.Node.Normalise;
import io.atelier.reward.graph.Node.Route;
import io.atelier.reward.graph.Node.RunningNormalise;
import io.atelier.reward.graph.Node.Schedule;
import io.atelier.reward.graph.Node.Weight;
import io.atelier.reward.graph.Node.WeightedMean;
import io.atelier.reward.graph.Node.WinRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Formats a graph as text. */
public final class NodeText {

  private NodeText() {}

  /** Returns a line for each node, indented below its parent. */
  public static List<String> lines(Node root) {
    List<String> lines = new ArrayList<>();
    add("", "", root, lines);
    return lines;
  }

  /** Returns the line of a node without its parts, such as {@code sum}. */
  static String line(Node node) {
    return lines(node).get(0);
  }

  private static void add(String indent, String before, Node node, List<String> lines) {
    if (node instanceof Weight weight) {
      add(indent, before + weight.weight() + " x ", weight.of(), lines);
    } else if (node instanceof Named named) {
      add(indent, before + named.name() + " = ", named.of(), lines);
    } else {
      lines.add(indent + before + operation(node));
      addParts(indent + "  ", node, lines);
    }
  }

  private static void addParts(String indent, Node node, List<String> lines) {
    if (node instanceof Gate gate) {
      add(indent, "of ", gate.test(), lines);
      add(indent, "open: ", gate.open(), lines);
      add(indent, "shut: ", gate.shut(), lines);
    } else if (node instanceof Route route) {
      for (Map.Entry<String, Node> entry : route.cases().entrySet()) {
        add(indent, entry.getKey() + ": ", entry.getValue(), lines);
      }
      add(indent, "default: ", route.otherwise(), lines);
    } else {
      node.parts().forEach(part -> add(indent, "", part, lines));
    }
  }

  private static String operation(Node node) {
    if (node instanceof Leaf leaf) {
      return leaf.name();
    } else if (node instanceof Constant constant) {
      return String.valueOf(constant.value());
    } else if (node instanceof Combine combine) {
      return combine.operation().name().toLowerCase(Locale.ROOT);
    } else if (node instanceof MeanMinusStd mean) {
      return "mean - %s std".formatted(mean.factor());
    } else if (node instanceof WeightedMean) {
      return "weighted mean";
    } else if (node instanceof WinRate rate) {
      return "win rate in the group, temperature " + rate.temperature();
    } else if (node instanceof Clip clip) {
      return "clip from %s to %s".formatted(clip.from(), clip.to());
    } else if (node instanceof Normalise normalise) {
      return "normalise over the "
          + normalise.over().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    } else if (node instanceof RunningNormalise normalise) {
      return "normalise over all steps so far, momentum " + normalise.momentum();
    } else if (node instanceof Schedule schedule) {
      return "weight from %s in step %d to %s in step %d"
          .formatted(schedule.from(), schedule.start(), schedule.to(), schedule.end());
    } else if (node instanceof Gate gate) {
      return "gate at " + gate.threshold();
    } else if (node instanceof Route route) {
      return "route by " + route.attribute();
    }
    return "sigmoid";
  }
}
