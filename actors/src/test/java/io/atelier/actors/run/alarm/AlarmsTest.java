package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.alarm.Alarms.Course;
import io.atelier.actors.run.alarm.Alarms.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class AlarmsTest {

  /** Thirty steps of ten seconds in which all is well, with these measurements in place of some. */
  private static RunCurves steps(IntFunction<Map<String, Double>> other) {
    RunCurves curves = new RunCurves(new TreeMap<>(), new TreeMap<>());
    for (int s = 1; s <= 30; s++) {
      Map<String, Double> line = new HashMap<>();
      line.put("reward/total", 0.01 * s);
      line.put("reward/zero-variance", s % 2 == 0 ? 0.25 : 0.0);
      line.put("flat-steps", 0.0);
      line.put("critic/accuracy", s == 1 ? 0.48 : s % 3 == 0 ? 0.89 : 0.65);
      line.put("seconds", s % 7 == 0 ? 55.0 : 10.0);
      line.put("lag/mean", 1.0);
      line.put("lag/max", 1.0);
      line.put("groups/admitted", 12.0 * s);
      line.put("groups/dropped", 0.0);
      line.put("idle/rollout", 0.04);
      line.put("idle/policy", 0.62);
      line.put("idle/reward", 0.9);
      line.putAll(other.apply(s));
      curves.steps().put(s, line);
    }
    return curves;
  }

  private static RunCurves healthy() {
    RunCurves curves = steps(s -> Map.of());
    double[] kid = {40, 38, 38.9, 36};
    double[] diversity = {0.143, 0.148, 0.139, 0.127};
    for (int i = 0; i < kid.length; i++) {
      curves
          .evaluations()
          .put(10 * i, measured(kid[i], 0.7 + 0.01 * i, 0.2 + 0.05 * i, diversity[i]));
    }
    return curves;
  }

  private static Map<String, Double> measured(
      double kid, double retrieval, double style, double diversity) {
    return Map.of(
        "kidReference", kid,
        "retrievalTop1", retrieval,
        "styleShare", style,
        "diversity", diversity,
        "seconds", 40.0);
  }

  private static RunCurves evaluated(String key, double... values) {
    RunCurves curves = steps(s -> Map.of());
    for (int i = 0; i < values.length; i++) {
      curves.evaluations().put(10 * i, Map.of(key, values[i], "seconds", 40.0));
    }
    return curves;
  }

  private static List<String> names(RunCurves curves) {
    return Alarms.of(Course.of(curves)).stream().map(Alarm::name).toList();
  }

  private static Alarm only(Course course) {
    List<Alarm> raised = Alarms.of(course);
    assertEquals(1, raised.size(), raised.toString());
    return raised.get(0);
  }

  private static Alarm only(RunCurves curves) {
    return only(Course.of(curves));
  }

  private static void assertStarts(String expected, Alarm alarm) {
    assertTrue(alarm.text().startsWith(expected), alarm.text());
  }

  @Test
  void shouldBeSilentOnAHealthyRun() {
    Course course =
        new Course(healthy(), phases(0.5, 1, 0.6), OptionalInt.of(2), OptionalDouble.of(160));
    assertEquals(List.of(), Alarms.of(course));
    assertEquals(List.of(), Alarms.of(Course.of(new RunCurves(new TreeMap<>(), new TreeMap<>()))));
  }

  // Rewards are 0.01 times the step, so their means of five at 0 10 20 30 are .03 .08 .18 .28.

  @Test
  void shouldTellWhenTheImagesWereFarBetterBefore() {
    Alarm alarm = only(evaluated("kidReference", 30, 20, 22, 26));
    assertEquals("hacking", alarm.name());
    assertEquals(Severity.ALARM, alarm.severity());
    assertEquals(30, alarm.step());
    assertStarts(
        "since step 10, where KID was best, the reward rose from 0.080 to 0.280, while KID got"
            + " worse from 20 to 26:",
        alarm);
    assertEquals(List.of(), names(evaluated("kidReference", 30, 20, 22, 24)), "by a fifth only");
  }

  @Test
  void shouldTellWhenTheImagesGetWorseStepByStep() {
    assertStarts(
        "over the last 4 evaluations the reward rose from 0.030 to 0.280, and KID went from 20 to"
            + " 24 with it (rank correlation 1.00):",
        only(evaluated("kidReference", 20, 21, 22.5, 24)));
    assertStarts(
        "over the last 4 evaluations the reward rose from 0.030 to 0.280, and the share of images"
            + " that show their concept went from 0.80 to 0.65 with it (rank correlation -0.80):",
        only(evaluated("retrievalTop1", 0.8, 0.7, 0.75, 0.65)));
    assertEquals(
        List.of(), names(evaluated("kidReference", 21, 20, 24, 23.1)), "ranks 2 1 4 3: .6");
    assertEquals(List.of(), names(evaluated("kidReference", 20, 20.5, 21, 21.9)), "by 1.9");
    assertEquals(List.of(), names(evaluated("kidReference", 20, 22, 24)), "three evaluations");
    RunCurves falling = evaluated("kidReference", 20, 21, 22.5, 24);
    falling.steps().forEach((step, line) -> line.put("reward/total", -0.01 * step));
    assertEquals(List.of(), names(falling), "the reward falls");
  }

  /**
   * A run rewarded by JPEG size alone: rewards and KID of its evaluations, as they were measured.
   */
  @Test
  void shouldRaiseItAtTheFirstEvaluationWhereCompressionIsHacked() {
    double[] kid = {39.23, 34.59, 36.70, 71.33, 539.90};
    double[] reward = {-2.55, -2.52, -2.40, -2.41, -1.50};
    RunCurves curves = new RunCurves(new TreeMap<>(), new TreeMap<>());
    for (int s = 1; s <= 80; s++) {
      double value = reward[s <= 5 ? 0 : (s + 19) / 20];
      curves.steps().put(s, Map.of("reward/total", value, "reward/jpeg", value / 500));
    }
    for (int i = 0; i < kid.length; i++) {
      curves.evaluations().put(20 * i, Map.of("kidReference", kid[i]));
      assertEquals(i >= 2 ? List.of("hacking") : List.of(), names(curves), "at step " + 20 * i);
    }
  }

  @Test
  void shouldTellWhenDiversityFallsByAThird() {
    assertStarts(
        "diversity within a prompt fell from 0.150 at step 0 to 0.099, by 34%, and the images came"
            + " no nearer to the references:",
        only(evaluated("diversity", 0.15, 0.2, 0.099)));
    assertEquals(List.of(), names(evaluated("diversity", 0.15, 0.09, 0.101)));
  }

  /** As in a default run: .143 and 39 before, .090 and 20 after. */
  @Test
  void shouldNotBlameImagesThatComeNearerToTheReferences() {
    RunCurves curves = steps(s -> Map.of());
    curves.evaluations().put(0, measured(39, 0.77, 0.14, 0.143));
    curves.evaluations().put(30, measured(20, 0.88, 0.64, 0.09));
    assertEquals(List.of(), names(curves));
    curves.evaluations().put(30, measured(37, 0.88, 0.64, 0.09));
    assertEquals(List.of("diversity"), names(curves), "nearer by 2 only");
    curves.evaluations().put(30, measured(20, 0.88, 0.64, 0.035));
    assertStarts(
        "diversity within a prompt fell from 0.143 at step 0 to 0.035, by 76%: the policy",
        only(curves));
  }

  @Test
  void shouldTellOfACriticThatSaysNothing() {
    Alarm good = only(steps(s -> s > 20 ? Map.of("critic/accuracy", 0.97) : Map.of()));
    assertEquals("critic-too-good", good.name());
    assertStarts(
        "the accuracy of critic adversarial was above 95% in each of the last 10 steps (97.0% now)",
        good);
    assertEquals(List.of(), names(steps(s -> s > 21 ? Map.of("critic/accuracy", 0.97) : Map.of())));
    assertEquals("adversarial", good.about());
    Alarm bad = only(steps(s -> Map.of("critic/look/accuracy", 0.54)));
    assertEquals("critic-too-bad", bad.name());
    assertEquals(Severity.WARNING, bad.severity());
    assertStarts("the accuracy of critic look was below 55% in each of the last 10 steps", bad);
    assertEquals(List.of(), names(steps(s -> Map.of("critic/look/accuracy", 0.55))));
  }

  @Test
  void shouldTellOfFlatGroups() {
    // The last five: .25 .5 .5 .75 .5
    double[] share = {0.25, 0.5, 0.5, 0.75, 0.5};
    Alarm alarm = only(steps(s -> Map.of("reward/zero-variance", s > 25 ? share[s - 26] : 0.0)));
    assertEquals("flat-groups", alarm.name());
    assertStarts("in 50% of the groups of the last 5 steps all images had the same reward:", alarm);
    share[4] = 0.49;
    assertEquals(
        List.of(), names(steps(s -> Map.of("reward/zero-variance", s > 25 ? share[s - 26] : 0.0))));
  }

  @Test
  void shouldTellOfStepsInWhichEveryGroupIsFlat() {
    RunCurves three = steps(s -> Map.of("flat-steps", Math.max(0.0, s - 27)));
    assertStarts("in 3 steps in a row all images of every group had the same reward:", only(three));
    assertEquals("flat-groups", only(three).name());
    assertEquals(List.of(), names(steps(s -> Map.of("flat-steps", Math.max(0.0, s - 28)))), "two");
  }

  /** Its images do not learn from what others of their group got. */
  @Test
  void shouldNotTellOfFlatGroupsThatTeach() {
    RunCurves curves = steps(s -> Map.of("reward/zero-variance", 1.0));
    assertEquals(List.of("flat-groups"), names(curves));
    curves.steps().values().forEach(line -> line.remove("flat-steps"));
    assertEquals(List.of(), names(curves));
  }

  @Test
  void shouldTellOfAStandstill() {
    // Six steps of 10 s, an evaluation of 40 s, and 60 s.
    RunCurves curves = healthy();
    SortedMap<Integer, Map<String, Double>> none = new TreeMap<>();
    Course still = new Course(curves, none, OptionalInt.empty(), OptionalDouble.of(161));
    assertEquals("no-progress", only(still).name());
    assertStarts("no progress for 2m41, a step usually takes 10s:", only(still));
    Course going = new Course(curves, none, OptionalInt.empty(), OptionalDouble.of(160));
    assertEquals(List.of(), Alarms.of(going));
  }

  @Test
  void shouldTellOfLagAtItsLimit() {
    RunCurves late = steps(s -> Map.of("lag/mean", 1.8));
    Course course = new Course(late, new TreeMap<>(), OptionalInt.of(2), OptionalDouble.empty());
    assertEquals("lag", only(course).name());
    RunCurves once = steps(s -> Map.of("lag/mean", s == 25 ? 1.7 : 2));
    assertEquals(
        List.of(),
        Alarms.of(new Course(once, new TreeMap<>(), OptionalInt.of(2), OptionalDouble.empty())));
    assertEquals(List.of(), names(late), "fixed-lag always is there");
  }

  /** Thirty steps of parts; the last three of the first part take what is given. */
  private static SortedMap<Integer, Map<String, Double>> phases(double... encode) {
    SortedMap<Integer, Map<String, Double>> phases = new TreeMap<>();
    for (int s = 1; s <= 30; s++) {
      phases.put(s, Map.of("encode", s > 27 ? encode[s - 28] : 0.2, "score", 0.1));
    }
    return phases;
  }

  @Test
  void shouldTellOfAPartThatTakesSixTimesAsLong() {
    Alarm step = only(steps(s -> Map.of("seconds", s > 27 ? 61.0 : 10.0)));
    assertEquals("slow", step.name());
    assertStarts(
        "a step took 61.0 s or more in the last 3 steps, and usually 10.0 s (median):", step);
    assertEquals(List.of(), names(steps(s -> Map.of("seconds", s > 28 ? 61.0 : 10.0))));
    // A part that takes 0.2 s of 10 s counts as the twentieth of a step, 0.5 s: more than 3 s.
    RunCurves curves = steps(s -> Map.of());
    Course slow =
        new Course(curves, phases(3.5, 3.1, 4), OptionalInt.empty(), OptionalDouble.empty());
    assertStarts(
        "to encode a group took 3.1 s or more in the last 3 steps, and usually 0.2 s", only(slow));
    Course usual =
        new Course(curves, phases(3.5, 2.9, 4), OptionalInt.empty(), OptionalDouble.empty());
    assertEquals(List.of(), Alarms.of(usual));
  }

  @Test
  void shouldTellOfDroppedGroups() {
    Alarm alarm = only(steps(s -> Map.of("groups/dropped", s < 7 ? 0.0 : s < 19 ? 1.0 : 2.0)));
    assertEquals(
        new Alarm(
            "dropped-groups",
            "",
            Severity.WARNING,
            19,
            "2 of 360 groups were given up, the last before step 19 ended: the log says why"),
        alarm);
  }

  @Test
  void shouldNameWhatTheOthersWaitForUnlessThereIsAnAlarm() {
    assertEquals(
        Optional.of(
            "rollout idles 4% of the time, policy 62%, reward 90%: sampling is the bottleneck; more"
                + " rollout workers, or fewer rollout.steps, make the run faster"),
        Alarms.hint(Course.of(healthy())));
    RunCurves turns = steps(s -> Map.of("idle/rollout", 0.42, "idle/policy", 0.6, "lag/max", 0.0));
    assertEquals(
        Optional.of(
            "rollout idles 42% of the time, policy 60%, reward 90%: they take turns;"
                + " schedule.mode=fixed-lag lets sampling and learning overlap"),
        Alarms.hint(Course.of(turns)));
    RunCurves dropped = steps(s -> Map.of("groups/dropped", 1.0));
    assertEquals(Optional.empty(), Alarms.hint(Course.of(dropped)));
  }
}
