package io.atelier.reward.graph;

import static io.atelier.reward.graph.Node.gate;
import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Node.product;
import static io.atelier.reward.graph.Node.sum;
import static io.atelier.reward.graph.Node.weightedMean;
import static io.atelier.reward.graph.Tables.group;
import static io.atelier.reward.graph.Tables.one;
import static io.atelier.reward.graph.Tables.rewards;
import static io.atelier.reward.graph.Tables.scores;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that apply to some prompts, and comparisons within a group: numbers worked out by hand, to
 * six digits.
 */
class VerifierGraphTest {

  private static final Node BASE = leaf("base");
  private static final Node COLOUR = leaf("colour");
  private static final Node FRAME = leaf("frame");

  /** A reward model, and the mean of the checks that apply. */
  private static final Node AGENT =
      sum(BASE.normalised(Over.GROUP), weightedMean(COLOUR.weight(0.5), FRAME.weight(0.1)));

  private static double[] of(double... values) {
    return values;
  }

  private static List<ScoreTable> table(Map<String, float[]> leaves) {
    return List.of(group(0, "", leaves));
  }

  private static Map<String, float[]> base(String name, double... check) {
    return Map.of("base", scores(.2, .5, .4), name, scores(check));
  }

  private static void assertRewards(double[] expected, Node root, List<ScoreTable> groups) {
    assertArrayEquals(expected, rewards(root, groups), 5e-7);
  }

  /** As RewardAgent is released, on raw scores: r = .2 .5 .4 + .5 (1 0 .5). */
  @Test
  void shouldAddChecksToRawScores() {
    List<ScoreTable> red = table(base("colour", 1, 0, .5));
    Node released = BASE.plus(COLOUR.weight(0.5));
    assertRewards(of(.7, .5, .65), released, red);
    assertRewards(of(.979428, -1.371199, .391771), released.normalised(Over.GROUP), red);
  }

  /** The base has 0 mean and deviation 1, so that no check is lost in its scale. */
  @Test
  void shouldAddTheMeanOfTheChecksThatApplyToTheStandardisedBase() {
    assertRewards(of(-.335236, 1.068189, .767047), AGENT, table(base("colour", 1, 0, .5)));
    assertRewards(of(-.335236, 1.568189, .267047), AGENT, table(base("frame", 1, .5, 0)));
    // (.5 a + .1 b) / .6 of 1 0 .5 and 1 .5 0 are 1, .083333 and .416667.
    assertRewards(
        of(-.335236, 1.151522, .683714),
        AGENT,
        table(
            Map.of(
                "base", scores(.2, .5, .4),
                "colour", scores(1, 0, .5),
                "frame", scores(1, .5, 0))));
  }

  @Test
  void shouldLeaveTheBaseAsItIsWhereNoCheckApplies() {
    List<ScoreTable> bored = table(Map.of("base", scores(.2, .5, .4)));
    assertRewards(of(-1.335236, 1.068189, .267047), AGENT, bored);
    assertArrayEquals(
        rewards(BASE.normalised(Over.GROUP), bored), rewards(AGENT, bored), 0, "the same bits");
  }

  @Test
  void shouldRefuseAWeightedMeanWhoseWeightsMeanNothing() {
    for (double weight : new double[] {0, -1}) {
      assertEquals(
          "a part of a weighted mean has weight %s; make it positive, or leave the part out"
              .formatted(weight),
          assertThrows(
                  IllegalArgumentException.class, () -> weightedMean(BASE, FRAME.weight(weight)))
              .getMessage());
    }
    assertEquals(
        "a weighted mean has no parts; give it one",
        assertThrows(IllegalArgumentException.class, () -> weightedMean()).getMessage());
  }

  /** .4 beats .2, loses to .5 and draws with itself's equal: 1.5 of 3. */
  @Test
  void shouldCountHowOftenAnImageWinsAgainstTheOthers() {
    List<ScoreTable> table = one(of(.2, .5, .4, .4));
    assertRewards(of(0, 1, .5, .5), leaf("a").winRate(0), table);
    // sigmoid of 1, 2 and 3 is .731059, .880797 and .952574.
    assertRewards(of(.095277, .804897, .549913, .549913), leaf("a").winRate(0.1), table);
    assertRewards(of(.5, .5, .5, .5), leaf("a").winRate(0), one(of(3, 3, 3, 3)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void shouldShareHalfAWinAmongTheImages(long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles(2 + random.nextInt(9), -3, 3).toArray();
    values[0] = values[1];
    for (double temperature : new double[] {0, 0.5, 1e-9, 1e9}) {
      double[] rates = rewards(leaf("a").winRate(temperature), one(values));
      assertEquals(values.length / 2.0, Arrays.stream(rates).sum(), 1e-5, "seed " + seed);
    }
  }

  @Test
  void shouldCompareWithinAGroupOfSeveralOnly() {
    Node root = leaf("a").winRate(0);
    List<ScoreTable> apart =
        List.of(
            group(0, "", Map.of("a", scores(1, 2))), group(1, "", Map.of("a", scores(9, 8, 7))));
    assertRewards(of(0, 1, 1, .5, 0), root, apart);
    // Only the first image of the second group is left, which has nothing to be compared with.
    Node few = gate(leaf("a"), 8.5, leaf("a"), leaf("b")).winRate(0).plus(Node.constant(5));
    assertRewards(of(5, 5, 5), few, apart.subList(1, 2));
    RewardGraph graph = RewardGraph.of(root, List.of("a"));
    graph.requireGroupSize(2);
    assertEquals(
        "graph has a win rate in groups of 1 image, which has no other to win against; make groups"
            + " larger",
        assertThrows(IllegalArgumentException.class, () -> graph.requireGroupSize(1)).getMessage());
    for (double wrong : new double[] {-1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> leaf("a").winRate(wrong));
    }
  }

  /** GARDO multiplies where the advantage is not negative: 1.068189 * 1.5 and .267047 * 1. */
  @Test
  void shouldWeighAdvantagesByDiversityWhereTheyAreNotNegative() {
    Node advantage = BASE.normalised(Over.GROUP);
    Node gardo = gate(advantage, 0, product(advantage, leaf("diversity")), advantage);
    assertRewards(of(-1.335236, 1.602283, .267047), gardo, table(base("diversity", .5, 1.5, 1)));
  }

  @Test
  void shouldBeReadAsText() {
    assertEquals(
        """
        sum
          normalise over the group
            base
          weighted mean
            0.5 x colour
            0.1 x frame
          win rate in the group, temperature 0.5
            base"""
            .lines()
            .toList(),
        NodeText.lines(
            sum(
                BASE.normalised(Over.GROUP),
                weightedMean(COLOUR.weight(0.5), FRAME.weight(0.1)),
                BASE.winRate(0.5))));
  }
}
