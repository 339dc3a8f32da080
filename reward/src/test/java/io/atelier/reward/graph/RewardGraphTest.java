package io.atelier.reward.graph;

import static io.atelier.reward.graph.Node.constant;
import static io.atelier.reward.graph.Node.gate;
import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Node.max;
import static io.atelier.reward.graph.Node.mean;
import static io.atelier.reward.graph.Node.meanMinusStd;
import static io.atelier.reward.graph.Node.median;
import static io.atelier.reward.graph.Node.min;
import static io.atelier.reward.graph.Node.product;
import static io.atelier.reward.graph.Node.route;
import static io.atelier.reward.graph.Node.sum;
import static io.atelier.reward.graph.Tables.group;
import static io.atelier.reward.graph.Tables.one;
import static io.atelier.reward.graph.Tables.rewards;
import static io.atelier.reward.graph.Tables.scores;
import static io.atelier.reward.graph.Tables.several;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Numbers worked out by hand, to six digits. */
class RewardGraphTest {

  private static final Node A = leaf("a");
  private static final Node B = leaf("b");
  private static final Node C = leaf("c");

  private static double[] of(double... values) {
    return values;
  }

  private static void assertRewards(double[] expected, Node root, List<ScoreTable> groups) {
    assertArrayEquals(expected, rewards(root, groups), 5e-7);
  }

  /** Of a plain sum the part of the largest scale is all; normalised, both count. */
  @Test
  void shouldLetPartsOfAnyScaleCountOnceTheyAreNormalised() {
    List<ScoreTable> table = one(of(1, 0, 0, 0), of(0, 100, 0, 0));
    assertRewards(
        of(-0.561876, 1.731969, -0.585046, -0.585046), sum(A, B).normalised(Over.GROUP), table);
    assertRewards(
        of(1.154302, 1.154830, -1.154566, -1.154566),
        A.normalised(Over.GROUP).plus(B.normalised(Over.GROUP)),
        table);
  }

  /** Flow-GRPO's example: .8 .9 1 .7 and .2 .1 .2 .1, mean .5 and deviation .360555 in all. */
  @Test
  void shouldNormaliseOverGroupOrStep() {
    List<ScoreTable> groups = several(of(0.8, 0.9, 1, 0.7), of(0.2, 0.1, 0.2, 0.1));
    assertRewards(
        of(-0.446814, 0.446814, 1.340442, -1.340442, 0.998004, -0.998004, 0.998004, -0.998004),
        A.normalised(Over.GROUP),
        groups);
    assertRewards(
        of(0.831820, 1.109093, 1.386366, 0.554546, -0.831820, -1.109093, -0.831820, -1.109093),
        A.normalised(Over.STEP),
        groups);
  }

  /** Members of an ensemble disagree about the third image; each rule has another winner. */
  @Test
  void shouldAggregateEnsembles() {
    List<ScoreTable> members = one(of(1, 2, 3), of(1.5, 1, 3.5), of(0.5, 3, -0.5));
    assertRewards(of(1, 2, 2), mean(A, B, C), members);
    assertRewards(of(1, 2, 3), median(A, B, C), members);
    assertRewards(of(0.591752, 1.183503, 0.220487), meanMinusStd(1, A, B, C), members);
    assertRewards(of(0.5, 1, -0.5), min(A, B, C), members);
    assertRewards(of(1.5, 3, 3.5), max(A, B, C), members);
    assertRewards(of(0.75, 6, -5.25), product(A, B, C), members);
    assertRewards(of(1.25, 1.5, 3.25), median(A, B), members);
  }

  /** A guard that is silent while images are clean: r - 2 max(0, .5 - p). */
  @Test
  void shouldPunishBelowAThreshold() {
    List<ScoreTable> table = one(of(0.2, 0.5, 0.9), of(0.9, 0.4, 0.1));
    Node guard = min(constant(0), B.plus(constant(-0.5))).weight(2);
    assertRewards(of(0.2, 0.3, 0.1), A.plus(guard), table);
    assertRewards(of(0.2, -1, -1), gate(B, 0.5, A, constant(-1)), table);
    assertRewards(of(0.2, 0.5, -1), gate(B, (float) 0.4, A, constant(-1)), table);
  }

  @Test
  void shouldWeighClipAndSquash() {
    List<ScoreTable> table = one(of(-0.5, 2, 0));
    assertRewards(of(0.35, -1.4, 0), A.weight(-0.7), table);
    assertRewards(of(-0.25, 1, 0), A.clip(-0.25, 1), table);
    assertRewards(of(0.377541, 0.880797, 0.5), A.sigmoid(), table);
    assertRewards(of(0, 1, 0.5), A.weight(1e4).sigmoid(), table);
  }

  /** A check that applies to some prompts only is left out elsewhere; it is not 0 there. */
  @Test
  void shouldLeaveOutWhatDoesNotApply() {
    ScoreTable both = group(0, "", Map.of("a", scores(0.2, 0.5, 0.4), "b", scores(1, 0, 0.5)));
    ScoreTable alone = group(1, "", Map.of("a", scores(0.2, 0.5, 0.4)));
    List<ScoreTable> groups = List.of(both, alone);
    assertRewards(of(0.7, 0.5, 0.65, 0.2, 0.5, 0.4), A.plus(B.weight(0.5)), groups);
    assertRewards(
        of(0.979428, -1.371199, 0.391771, -1.335236, 1.068189, 0.267047),
        A.plus(B.weight(0.5)).normalised(Over.GROUP),
        groups);
    assertRewards(
        of(-0.335236, 1.068189, 0.767047, -1.335236, 1.068189, 0.267047),
        A.normalised(Over.GROUP).plus(B),
        groups);
    assertRewards(of(0.6, 0.25, 0.45, 0.2, 0.5, 0.4), mean(A, B), groups);
    assertRewards(of(0.2, 0, 0.2, 0.2, 0.5, 0.4), product(A, B), groups);
    assertRewards(of(1, 0, 0.5, 0, 0, 0), B.plus(constant(0)), groups);
    // Mean .5 and deviation .408248 of the three that are there.
    assertRewards(
        of(1.224445, -1.224445, 0, 0, 0, 0), B.normalised(Over.STEP).plus(constant(0)), groups);
    assertRewards(
        of(0.2, -1, 0.4, 0, 0, 0), gate(B, 0.5, A, constant(-1)).plus(constant(0)), groups);
  }

  @Test
  void shouldRefuseAnImageWithoutAReward() {
    List<ScoreTable> groups =
        List.of(
            group(0, "", Map.of("a", scores(1, 2), "b", scores(3, 4))),
            group(1, "", Map.of("a", scores(1, 2))));
    String told =
        assertThrows(IllegalArgumentException.class, () -> rewards(B.weight(2), groups))
            .getMessage();
    assertTrue(told.startsWith("image 0 of group 7.1 has no reward"), told);
    assertTrue(told.contains("\"prompt 1\""), told);
  }

  @Test
  void shouldRefuseWhatIsNoNumber() {
    List<ScoreTable> table = one(of(1, 1e30));
    ArithmeticException large =
        assertThrows(
            ArithmeticException.class, () -> rewards(product(A, A).named("square"), table));
    assertTrue(large.getMessage().startsWith("the reward of image 1 of group 7.0 is Infinity"));
    ArithmeticException broken =
        assertThrows(ArithmeticException.class, () -> rewards(A.weight(2), one(of(Double.NaN, 1))));
    assertTrue(broken.getMessage().startsWith("a of image 0 of group 7.0 is NaN"));
    String length =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new ScoreTable(
                        table.get(0).id(), table.get(0).prompt(), 3, Map.of("a", new float[2])))
            .getMessage();
    assertEquals("group 7.0 has 3 images, but 2 scores of reward \"a\"", length);
  }

  @Test
  void shouldRouteByWhatThePromptSays() {
    Map<String, float[]> leaves = Map.of("a", scores(1, 2), "b", scores(3, 4), "c", scores(5, 6));
    List<ScoreTable> groups =
        List.of(
            group(0, "{\"kind\":\"text\",\"n\":2}", leaves),
            group(1, "{\"kind\":\"face\"}", leaves),
            group(2, "", leaves),
            group(3, "{\"kind\":null}", leaves));
    assertRewards(
        of(1, 2, 3, 4, 5, 6, 5, 6), route("kind", Map.of("text", A, "face", B), C), groups);
    assertRewards(of(1, 2, 3, 4, 3, 4, 3, 4), route("n", Map.of("2", A), B), groups);
    List<ScoreTable> list = List.of(group(0, "{\"kind\":[1]}", leaves));
    String told =
        assertThrows(
                IllegalArgumentException.class,
                () -> rewards(route("kind", Map.of("1", A), B), list))
            .getMessage();
    assertTrue(told.startsWith("prompt \"prompt 0\" has \"kind\": [1]"), told);
  }

  @Test
  void shouldTellTheValuesOfNamedNodes() {
    Node root = A.clip(0, 1).named("clipped").plus(B.weight(2).named("rest"));
    List<ScoreTable> groups =
        List.of(
            group(0, "", Map.of("a", scores(-1, 3), "b", scores(1, 2))),
            group(1, "", Map.of("a", scores(0.5, 0.5))));
    StepRewards step = new RewardGraph(root).evaluate(groups);
    assertEquals(List.of("clipped", "rest"), List.copyOf(step.named().keySet()));
    assertEquals(OptionalDouble.of(0.5), step.named().get("clipped").mean());
    assertEquals(OptionalDouble.of(3), step.named().get("rest").mean());
    assertTrue(step.named().get("rest").isAbsent(1, 0));
    assertFalse(step.named().get("clipped").isAbsent(1, 0));
    assertThrows(IllegalStateException.class, () -> step.named().get("rest").get(1, 0));
    assertEquals(
        OptionalDouble.empty(),
        new RewardGraph(A.plus(C.named("never"))).evaluate(groups).named().get("never").mean());
  }
}
