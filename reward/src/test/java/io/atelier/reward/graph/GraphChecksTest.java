package io.atelier.reward.graph;

import static io.atelier.reward.graph.Node.constant;
import static io.atelier.reward.graph.Node.gate;
import static io.atelier.reward.graph.Node.leaf;
import static io.atelier.reward.graph.Node.meanMinusStd;
import static io.atelier.reward.graph.Node.route;
import static io.atelier.reward.graph.Node.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.atelier.rollout.Prompt;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What people get wrong is refused when a graph is made, in one sentence. */
class GraphChecksTest {

  private static final Set<String> REWARDS = Set.of("adversarial", "jpeg");
  private static final Node JPEG = leaf("jpeg");

  private static void assertRefused(String message, Supplier<?> make) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, make::get).getMessage());
  }

  @Test
  void shouldRefuseNamesThatFitNothingOrTwoThings() {
    assertRefused(
        "graph names the reward \"jpg\", which does not exist; did you mean jpeg?; there are"
            + " adversarial, jpeg",
        () -> RewardGraph.of(leaf("jpg").weight(0).plus(JPEG), REWARDS));
    assertRefused(
        "graph has two nodes that are called \"x\"; give one another name",
        () -> RewardGraph.of(sum(JPEG.named("x"), JPEG.weight(2).named("x")), REWARDS));
    assertRefused(
        "graph has two nodes that are called \"jpeg\", one of them a reward; give one another name",
        () -> RewardGraph.of(JPEG.clip(0, 1).named("jpeg"), REWARDS));
    Node shared = JPEG.clip(-1, 0).named("x");
    assertEquals(
        new TreeSet<>(REWARDS),
        RewardGraph.of(gate(shared, 0, shared, leaf("adversarial").weight(0)), REWARDS).leaves());
  }

  @Test
  void shouldRefuseNumbersThatMeanNothing() {
    assertRefused(
        "a weight of the graph is NaN, must be a finite number", () -> JPEG.weight(Double.NaN));
    assertRefused(
        "a constant of the graph is Infinity, must be a finite number",
        () -> constant(Double.POSITIVE_INFINITY));
    assertRefused(
        "the threshold of a gate of the graph is NaN, must be a finite number",
        () -> gate(JPEG, Double.NaN, JPEG, JPEG));
    assertRefused(
        "the factor of a deviation of the graph is NaN, must be a finite number",
        () -> meanMinusStd(Double.NaN, JPEG));
    assertRefused(
        "a clip goes from 1.0 to 1.0, which leaves nothing apart; make the first the smaller",
        () -> JPEG.clip(1, 1));
  }

  @Test
  void shouldRefuseWhatIsNotWhole() {
    assertRefused("a sum has no parts; give it one", () -> sum());
    assertRefused("a mean minus deviation has no parts; give it one", () -> meanMinusStd(1));
    assertRefused(
        "a route by \"kind\" has no default, so that other prompts would have no reward; give it one",
        () -> route("kind", Map.of("text", JPEG), null));
    assertRefused(
        "a route by \"kind\" has no cases; give it one, or take its default alone",
        () -> route("kind", Map.of(), JPEG));
  }

  @Test
  void shouldRefuseToNormaliseOverGroupsOfOne() {
    RewardGraph graph = RewardGraph.of(JPEG.plus(JPEG.normalised(Over.GROUP)), REWARDS);
    graph.requireGroupSize(2);
    RewardGraph.of(JPEG.normalised(Over.STEP), REWARDS).requireGroupSize(1);
    assertEquals(
        "graph normalises over groups of 1 image, which makes 0 of every value; make groups larger,"
            + " or normalise over the step",
        assertThrows(IllegalArgumentException.class, () -> graph.requireGroupSize(1)).getMessage());
  }

  @Test
  void shouldNameCasesThatNoPromptIsOf() {
    RewardGraph graph = new RewardGraph(route("kind", Map.of("text", JPEG, "faces", JPEG), JPEG));
    List<Prompt> prompts =
        List.of(
            new Prompt(0, "a", "{\"kind\":\"text\"}"),
            new Prompt(1, "b", "{\"kind\":\"face\"}"),
            new Prompt(2, "c"));
    assertEquals(
        List.of(
            "no prompt has \"kind\": \"faces\", for which the graph has a case; the nearest value is"
                + " \"face\""),
        graph.unused(prompts));
  }

  @Test
  void shouldBeReadAsText() {
    Node root =
        sum(
            leaf("adversarial").normalised(Over.GROUP).weight(0.7),
            JPEG.clip(-1, 0).named("small").weight(0.3),
            gate(
                JPEG,
                -0.5,
                constant(0),
                route("kind", Map.of("text", JPEG), meanMinusStd(2, JPEG))));
    assertEquals(
        """
        sum
          0.7 x normalise over the group
            adversarial
          0.3 x small = clip from -1.0 to 0.0
            jpeg
          gate at -0.5
            of jpeg
            open: 0.0
            shut: route by kind
              text: jpeg
              default: mean - 2.0 std
                jpeg"""
            .lines()
            .toList(),
        NodeText.lines(root));
  }
}
