package io.atelier.reward.graph;

import io.atelier.rollout.GroupId;
import io.atelier.rollout.Prompt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Scores for tests: groups of step 7, with what their prompts say. */
final class Tables {

  private Tables() {}

  static float[] scores(double... values) {
    float[] scores = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scores[i] = (float) values[i];
    }
    return scores;
  }

  /** A group of as many images as its first leaf has scores. */
  static ScoreTable group(int slot, String attributes, Map<String, float[]> leaves) {
    Prompt prompt = new Prompt(slot, "prompt " + slot, attributes);
    int images = leaves.values().iterator().next().length;
    return new ScoreTable(new GroupId(7, slot), prompt, images, leaves);
  }

  /** One group with leaves a, b, c and so on. */
  static List<ScoreTable> one(double[]... leaves) {
    Map<String, float[]> named = new HashMap<>();
    for (int k = 0; k < leaves.length; k++) {
      named.put(String.valueOf((char) ('a' + k)), scores(leaves[k]));
    }
    return List.of(group(0, "", named));
  }

  /** Groups with the leaf a. */
  static List<ScoreTable> several(double[]... groups) {
    return IntStream.range(0, groups.length)
        .mapToObj(g -> group(g, "", Map.of("a", scores(groups[g]))))
        .toList();
  }

  /** All rewards, group after group. */
  static double[] rewards(Node root, List<ScoreTable> groups) {
    return new RewardGraph(root)
        .evaluate(groups).rewards().stream()
            .flatMapToDouble(own -> IntStream.range(0, own.length).mapToDouble(i -> own[i]))
            .toArray();
  }
}
