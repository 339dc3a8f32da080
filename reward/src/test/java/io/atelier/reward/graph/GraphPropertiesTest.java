package io.atelier.reward.graph;

import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Tables.group;
import static io.atelier.reward.graph.Tables.rewards;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every table of scores. A failure says the seed that made it. */
class GraphPropertiesTest {

  private static final List<String> LEAVES = List.of("a", "b", "c", "d");

  /** Two to five groups of two to six images; a leaf other than the first may be absent. */
  private static List<ScoreTable> tables(Random random) {
    List<ScoreTable> tables = new ArrayList<>();
    int groups = 2 + random.nextInt(4);
    for (int g = 0; g < groups; g++) {
      int images = 2 + random.nextInt(5);
      Map<String, float[]> leaves = new HashMap<>();
      for (String name : LEAVES) {
        if (name.equals("a") || random.nextInt(4) > 0) {
          float[] scores = new float[images];
          for (int i = 0; i < images; i++) {
            scores[i] = (float) random.nextGaussian();
          }
          leaves.put(name, scores);
        }
      }
      tables.add(group(g, "", leaves));
    }
    return tables;
  }

  /** The same with every score of the leaf a changed. */
  private static List<ScoreTable> changed(List<ScoreTable> tables, DoubleUnaryOperator change) {
    return tables.stream()
        .map(
            table -> {
              float[] scores = table.leaves().get("a").clone();
              for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) change.applyAsDouble(scores[i]);
              }
              Map<String, float[]> leaves = new HashMap<>(table.leaves());
              leaves.put("a", scores);
              return new ScoreTable(table.id(), table.prompt(), table.images(), leaves);
            })
        .toList();
  }

  private static void assertSame(double[] expected, double[] actual, double far, long seed) {
    assertArrayEquals(expected, actual, far, "seed " + seed);
  }

  /** Powers of two change no digit, and the 1e-4 beside the deviation is all that is left. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldNotDependOnTheScaleOrOffsetOfANormalisedPart(long seed) {
    List<ScoreTable> tables = tables(new Random(seed));
    for (Over over : Over.values()) {
      Node root = leaf("a").normalised(over).plus(leaf("b").weight(0.5));
      double[] before = rewards(root, tables);
      assertSame(before, rewards(root, changed(tables, x -> 1024 * x)), 1e-2, seed);
      assertSame(before, rewards(root, changed(tables, x -> x + 16)), 1e-4, seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void shouldScaleWithItsWeight(long seed) {
    List<ScoreTable> tables = tables(new Random(seed));
    Node root = Node.mean(LEAVES.stream().map(Node::leaf).toArray(Node[]::new));
    double[] scaled = Arrays.stream(rewards(root, tables)).map(x -> -0.25 * x).toArray();
    assertSame(scaled, rewards(root.weight(-0.25), tables), 0, seed);
    assertSame(
        rewards(leaf("a").weight(4), tables),
        rewards(leaf("a"), changed(tables, x -> 4 * x)),
        0,
        seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void shouldNotDependOnTheOrderOfParts(long seed) {
    Random random = new Random(seed);
    List<ScoreTable> tables = tables(random);
    List<Node> parts = new ArrayList<>(LEAVES.stream().map(Node::leaf).toList());
    List<Node> others = new ArrayList<>(parts);
    Collections.shuffle(others, random);
    for (Operation operation : Operation.values()) {
      assertSame(
          rewards(new Node.Combine(operation, parts), tables),
          rewards(new Node.Combine(operation, others), tables),
          1e-6,
          seed);
    }
    assertSame(
        rewards(new Node.MeanMinusStd(parts, 1.5), tables),
        rewards(new Node.MeanMinusStd(others, 1.5), tables),
        1e-6,
        seed);
  }

  /** Groups know each other by what is normalised over the step, and by nothing else. */
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34})
  void shouldKeepGroupsApart(long seed) {
    List<ScoreTable> tables = tables(new Random(seed));
    Node root = leaf("a").normalised(Over.GROUP).plus(Node.max(leaf("b"), leaf("c")).sigmoid());
    double[] apart =
        tables.stream()
            .flatMapToDouble(table -> Arrays.stream(rewards(root, List.of(table))))
            .toArray();
    assertSame(rewards(root, tables), apart, 0, seed);
    List<ScoreTable> backwards = new ArrayList<>(tables);
    Collections.reverse(backwards);
    Node step = leaf("a").normalised(Over.STEP);
    List<float[]> forth = new RewardGraph(step).evaluate(tables).rewards();
    List<float[]> back = new RewardGraph(step).evaluate(backwards).rewards();
    IntStream.range(0, forth.size())
        .forEach(
            g ->
                assertArrayEquals(
                    forth.get(g), back.get(forth.size() - 1 - g), 1e-6f, "seed " + seed));
  }
}
