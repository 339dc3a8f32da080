package io.atelier.reward.graph;

import static io.atelier.reward.graph.Node.constant;
import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Tables.group;
import static io.atelier.reward.graph.Tables.scores;
import static io.atelier.reward.graph.Tables.several;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.models.state.NamedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a graph carries from step to step. Numbers worked out by hand, to six digits. */
class GraphStateTest {

  private static final Node A = leaf("a");
  private static final Node B = leaf("b");

  /** The rewards of one step after the other, and what is remembered after the last. */
  private static final class Steps {
    private final RewardGraph graph;
    private GraphState state = GraphState.NONE;
    private int step;

    private Steps(Node root) {
      this.graph = new RewardGraph(root);
    }

    private double[] next(List<ScoreTable> groups) {
      StepRewards made = graph.evaluate(groups, step++, state);
      state = made.state();
      return made.rewards().stream()
          .flatMapToDouble(own -> IntStream.range(0, own.length).mapToDouble(i -> own[i]))
          .toArray();
    }

    private void assertNext(double[] expected, List<ScoreTable> groups) {
      assertArrayEquals(expected, next(groups), 5e-7);
    }
  }

  private static double[] of(double... values) {
    return values;
  }

  /** Mean 2 and deviation 1 at first; then mean 6 and deviation 2; the third step has no scores. */
  @Test
  void shouldNormaliseByTheStepBefore() {
    Steps steps = new Steps(A.normalised(Over.PREVIOUS_STEP).plus(constant(0)));
    steps.assertNext(of(-0.999900, 0.999900), several(of(1), of(3)));
    // (4 - 2) / 1.0001, (8 - 2) / 1.0001
    steps.assertNext(of(1.999800, 5.999400), several(of(4), of(8)));
    steps.assertNext(of(0, 0), List.of(group(0, "", Map.of("b", scores(1, 2)))));
    // (7 - 6) / 2.0001, (6 - 6) / 2.0001
    steps.assertNext(of(0.499975, 0), several(of(7, 6)));
  }

  /**
   * Momentum 3/4: mean 2 and variance 1; then mean 2 + (6 - 2) / 4 = 3 and variance 3/4 + 4/4 +
   * 3/16 * 16 = 4.75; then mean 3 + (3 - 3) / 4 and variance 3.5625, all scores being 3.
   */
  @Test
  void shouldNormaliseByTheRunningMeanAndVariance() {
    Steps steps = new Steps(A.runningNormalised(0.75).plus(constant(0)));
    steps.assertNext(of(-0.999900, 0.999900), several(of(1), of(3)));
    // 1 / 2.179549, 5 / 2.179549
    steps.assertNext(of(0.458810, 2.294052), several(of(4), of(8)));
    steps.assertNext(of(0, 0), List.of(group(0, "", Map.of("b", scores(1, 2)))));
    steps.assertNext(of(0, 0), several(of(3, 3)));
    // 1 / 1.887559: variance 3/4 * 3.5625 + 0 + 3/16 * 1 = 2.859375, mean 3.25; .75 / 1.691069
    steps.assertNext(of(0.443507, 0.443507), several(of(4, 4)));
  }

  /** Without momentum the running statistics are those of the step. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldNormaliseOverTheStepWhereNothingOfTheOldStays(long seed) {
    Random random = new Random(seed);
    Steps running = new Steps(A.runningNormalised(0));
    Steps own = new Steps(A.normalised(Over.STEP));
    for (int step = 0; step < 3; step++) {
      List<ScoreTable> table = table(random);
      assertArrayEquals(own.next(table), running.next(table), 1e-5, "seed " + seed);
    }
  }

  /** Whatever the momentum, scale and offset of a part cancel if they are those of all steps. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void shouldNotDependOnTheScaleOrOffsetOfAllSteps(long seed) {
    for (Node root :
        List.of(A.normalised(Over.PREVIOUS_STEP), A.runningNormalised(0.9 * (seed - 10) / 6))) {
      List<DoubleUnaryOperator> changes = List.of(x -> x, x -> 1024 * x, x -> x + 16);
      List<Steps> runs = changes.stream().map(change -> new Steps(root)).toList();
      Random random = new Random(seed);
      for (int step = 0; step < 4; step++) {
        List<ScoreTable> table = table(random);
        double[] plain = runs.get(0).next(table);
        for (int c = 1; c < changes.size(); c++) {
          double[] other = runs.get(c).next(changed(table, changes.get(c)));
          assertArrayEquals(plain, other, 2e-3, "seed " + seed);
        }
      }
    }
  }

  private static List<ScoreTable> table(Random random) {
    return several(
        random.doubles(3, -1, 1).toArray(),
        random.doubles(2, -1, 1).toArray(),
        random.doubles(4, -1, 1).toArray());
  }

  private static List<ScoreTable> changed(List<ScoreTable> tables, DoubleUnaryOperator change) {
    return several(
        tables.stream()
            .map(
                table ->
                    IntStream.range(0, table.images())
                        .mapToDouble(i -> change.applyAsDouble(table.leaves().get("a")[i]))
                        .toArray())
            .toArray(double[][]::new));
  }

  /** A node that stands in two places, and equal ones, are one: they remember a step once. */
  @Test
  void shouldGoOnFromACheckpointWithTheSameBits() {
    Node shared = A.runningNormalised(0.9).named("x");
    Node root =
        Node.sum(
            shared,
            Node.gate(shared, 0, A.runningNormalised(0.5), A.normalised(Over.PREVIOUS_STEP)),
            A.runningNormalised(0.5));
    Random random = new Random(5);
    List<List<ScoreTable>> tables = new ArrayList<>();
    IntStream.range(0, 5).forEach(step -> tables.add(table(random)));
    Steps straight = new Steps(root);
    List<double[]> expected = tables.stream().map(straight::next).toList();
    Steps stopped = new Steps(root);
    tables.subList(0, 2).forEach(stopped::next);
    NamedTensors other =
        new NamedTensors(Map.of("weight", new NamedTensors.Tensor(new long[0], new float[] {1})));
    NamedTensors checkpoint = stopped.state.with(other);
    assertEquals(4, checkpoint.names().size(), "three nodes that differ, and the other");
    assertTrue(checkpoint.contains("weight"));
    Steps resumed = new Steps(root);
    resumed.state = resumed.graph.state(checkpoint);
    resumed.step = 2;
    for (int step = 2; step < 5; step++) {
      assertArrayEquals(expected.get(step), resumed.next(tables.get(step)), "step " + step);
    }
    Steps fresh = new Steps(root);
    fresh.step = 2;
    assertFalse(Arrays.equals(expected.get(2), fresh.next(tables.get(2))));
  }

  /** From .5 to -1.5 between steps 2 and 6: a half less in each. */
  @Test
  void shouldMoveAWeightFromStepToStep() {
    Steps steps = new Steps(A.scheduled(0.5, -1.5, 2, 6).plus(B.weight(2)));
    for (double weight : of(0.5, 0.5, 0.5, 0, -0.5, -1, -1.5, -1.5)) {
      List<ScoreTable> table =
          List.of(group(0, "", Map.of("a", scores(1, -3), "b", scores(0.25, 1))));
      steps.assertNext(of(weight + 0.5, -3 * weight + 2), table);
    }
  }

  @Test
  void shouldRefuseWhatMeansNothing() {
    for (double momentum : of(-0.1, 1, Double.NaN)) {
      String told =
          assertThrows(IllegalArgumentException.class, () -> A.runningNormalised(momentum))
              .getMessage();
      assertTrue(told.startsWith("the momentum of the graph is " + momentum), told);
    }
    String order =
        assertThrows(IllegalArgumentException.class, () -> A.scheduled(0, 1, 5, 5)).getMessage();
    assertEquals(
        "a schedule goes from step 5 to step 5; make the first the smaller, and at least 0", order);
    assertThrows(IllegalArgumentException.class, () -> A.scheduled(0, 1, -1, 5));
    assertThrows(IllegalArgumentException.class, () -> A.scheduled(Double.NaN, 1, 0, 5));
  }

  @Test
  void shouldSayWhatAGraphNeedsOfItsStep() {
    RewardGraph apart = new RewardGraph(A.normalised(Over.GROUP).plus(B.clip(0, 1)));
    apart.requireGroupsApart();
    assertFalse(apart.remembers());
    for (Node node :
        List.of(
            A.normalised(Over.STEP),
            A.normalised(Over.PREVIOUS_STEP),
            A.runningNormalised(0.9),
            A.scheduled(0, 1, 0, 9))) {
      RewardGraph graph = new RewardGraph(B.plus(node));
      String told =
          assertThrows(IllegalArgumentException.class, graph::requireGroupsApart).getMessage();
      assertTrue(told.startsWith("graph has \"" + NodeText.line(node)), told);
      boolean remembers = !(node instanceof Node.Schedule) && !node.equals(A.normalised(Over.STEP));
      assertEquals(remembers, graph.remembers(), told);
    }
    String raw =
        assertThrows(IllegalArgumentException.class, apart::requireNormalised).getMessage();
    assertEquals(
        "graph does not normalise \"b\", so that its values are no advantages; normalise it over the"
            + " group",
        raw);
    new RewardGraph(A.plus(B).normalised(Over.GROUP).weight(2).plus(constant(1)))
        .requireNormalised();
    assertEquals(
        List.of(
            "weight from 0.0 in step 2 to 1.0 in step 9",
            "  normalise over all steps so far, momentum 0.9",
            "    normalise over the previous step",
            "      a"),
        NodeText.lines(
            A.normalised(Over.PREVIOUS_STEP).runningNormalised(0.9).scheduled(0, 1, 2, 9)));
  }
}
