package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class HackingTest {

  /** Forty steps with some measurements each, evaluated before and after every ten. */
  private static RunCurves curves(IntFunction<Map<String, Double>> step, double... kid) {
    RunCurves curves = new RunCurves(new TreeMap<>(), new TreeMap<>());
    for (int s = 1; s <= 40; s++) {
      curves.steps().put(s, step.apply(s));
    }
    for (int i = 0; i < kid.length; i++) {
      curves.evaluations().put(10 * i, Map.of("kidReference", kid[i]));
    }
    return curves;
  }

  private static IntFunction<Map<String, Double>> rewards(double adversarial, double jpeg) {
    return step ->
        Map.of(
            "reward/adversarial", adversarial * step,
            "reward/adversarial/local", 1.0,
            "reward/jpeg", jpeg * step,
            "reward/total", (adversarial + jpeg) * step,
            "reward/zero-variance", 0.0);
  }

  @Test
  void shouldTakeTheMeanOfFiveSteps() {
    RunCurves curves = curves(rewards(1, 0));
    assertEquals(3, curves.mean("reward/total", 0).orElseThrow()); // 1 to 5
    assertEquals(1.5, curves.mean("reward/total", 2).orElseThrow()); // 1 and 2
    assertEquals(18, curves.mean("reward/total", 20).orElseThrow()); // 16 to 20
    assertTrue(curves.mean("reward/none", 20).isEmpty());
  }

  @Test
  void shouldFlagWhereAllRewardsRiseAndTheImagesGetWorse() {
    double[] kid = {30, 20, 33, 22.1, 22};
    RunCurves all = curves(rewards(0.1, 0.01), kid);
    assertEquals(
        List.of(new Hacking.Herding(0, 20, 30, 33), new Hacking.Herding(10, 30, 20, 22.1)),
        Hacking.herding(all));
    assertEquals(Optional.empty(), Hacking.herding(all, 10), "no evaluation 20 steps before");
    assertEquals(Optional.of(Optional.empty()), Hacking.herding(all, 40), "from 33 to 22");
    assertEquals(List.of(), Hacking.herding(curves(rewards(0.1, -0.01), kid)), "jpeg falls");
    assertEquals(
        List.of(),
        Hacking.herding(curves(rewards(0.1, 0.01), 20, 21, 22, 23)),
        "not by more than 2");
    assertEquals(List.of(), Hacking.herding(curves(step -> Map.of("critic/loss", 1.0), kid)));
  }

  /** What an ensemble gives is centred by group, so that its mean never rises. */
  @Test
  void shouldAskTheMembersOfAnEnsemble() {
    double[] kid = {20, 21, 23};
    IntFunction<Map<String, Double>> rise = step -> members(step, step);
    assertEquals(List.of(new Hacking.Herding(0, 20, 20, 23)), Hacking.herding(curves(rise, kid)));
    IntFunction<Map<String, Double>> one = step -> members(step, -step);
    assertEquals(List.of(), Hacking.herding(curves(one, kid)), "member 1 falls");
    assertEquals(
        List.of("total", "style", "style/member.0", "style/member.1"),
        Hacking.rows(curves(one, kid)).stream()
            .map(Hacking.Row::name)
            .filter(name -> !name.equals("other"))
            .toList());
  }

  private static Map<String, Double> members(double first, double second) {
    return Map.of(
        "reward/style", 0.0,
        "reward/other", first,
        "reward/style/member.0", first,
        "reward/style/member.1", second,
        "reward/style/local", -first,
        "reward/total", 0.0);
  }

  @Test
  void shouldHoldEachRewardAgainstWhatIsMeasured() {
    // Means of five steps at 0 10 20 30 40: 3 8 18 28 38 times the slope. KID lies on a line of
    // them.
    RunCurves curves = curves(rewards(1, -1), 35, 30, 20, 10, 0);
    List<Hacking.Row> rows = Hacking.rows(curves);
    assertEquals(
        List.of("total", "adversarial", "jpeg"), rows.stream().map(Hacking.Row::name).toList());
    assertEquals(3, rows.get(1).first().orElseThrow());
    assertEquals(38, rows.get(1).last().orElseThrow());
    assertEquals(-1, rows.get(1).withKid().orElseThrow(), 1e-12);
    assertEquals(1, rows.get(2).withKid().orElseThrow(), 1e-12);
    assertEquals(OptionalDouble.empty(), rows.get(0).withKid(), "the sum is 0 everywhere");
    assertEquals(OptionalDouble.empty(), rows.get(1).withStyle(), "no style share is measured");
    assertTrue(
        Hacking.rows(curves(rewards(1, -1), 35, 30)).get(1).withKid().isEmpty(), "two points");
  }

  @Test
  void shouldTellHowOftenACriticPrefersReferences() {
    RunCurves curves =
        curves(
            step ->
                Map.of(
                    "reward/adversarial", 1.0,
                    "reward/look", 1.0,
                    "reward/jpeg", 1.0,
                    "critic/pair-accuracy", step / 40.0,
                    "critic/accuracy", 0.5,
                    "critic/look/accuracy", 0.75, // of a PickScore, by pairs
                    "critic/look/reward-generated", 1.0));
    Map<String, OptionalDouble> pairs = new TreeMap<>();
    Hacking.rows(curves).forEach(row -> pairs.put(row.name(), row.pairs()));
    assertEquals(0.95, pairs.get("adversarial").orElseThrow(), 1e-12); // 36 to 40 of 40
    assertEquals(0.75, pairs.get("look").orElseThrow(), 1e-12);
    assertFalse(pairs.get("jpeg").isPresent());
  }
}
