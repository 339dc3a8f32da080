package io.atelier.actors.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.alarm.RunCurves;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThresholdTest {

  private static final List<Long> SEEDS = List.of(1L, 2L);

  /** Twenty steps of three seconds, evaluated before, in the middle and after. */
  private static RunCurves run(double[] style, double[] kid, double slope) {
    RunCurves run = new RunCurves(new TreeMap<>(), new TreeMap<>());
    for (int step = 1; step <= 20; step++) {
      run.steps().put(step, Map.of("elapsed", 3.0 * step, "reward/jpeg", slope * step));
    }
    for (int i = 0; i < style.length; i++) {
      run.evaluations().put(10 * i, Map.of("styleShare", style[i], "kidReference", kid[i]));
    }
    return run;
  }

  private static Results.Run done(RunCurves run) {
    return done(run, "chip");
  }

  private static Results.Run done(RunCurves run, String machine) {
    return new Results.Run(Optional.of(run), "", machine);
  }

  /**
   * Arm a: style to .5 after 15 and 10 steps, KID 20 and 22 at the end; arm b: after 20 steps and
   * never, KID 30 and 26; arm c has lost a run, and of arm d the second is of another machine.
   */
  private static Results results() {
    return new Results(
        SEEDS,
        Map.of(
            "a",
            Map.of(
                1L, done(run(new double[] {.1, .4, .6}, new double[] {40, 25, 20}, .02)),
                2L, done(run(new double[] {.1, .5, .7}, new double[] {40, 30, 22}, .04))),
            "b",
            Map.of(
                1L, done(run(new double[] {.1, .3, .5}, new double[] {40, 35, 30}, .05)),
                2L, done(run(new double[] {.1, .2, .4}, new double[] {40, 35, 26}, .05))),
            "c",
            Map.of(
                1L,
                done(run(new double[] {.1, .3, .5}, new double[] {40, 35, 30}, .05)),
                2L,
                new Results.Run(Optional.empty(), "exit code 1: no memory", "chip")),
            "d",
            Map.of(
                1L, done(run(new double[] {.1, .3, .6}, new double[] {40, 35, 30}, .05)),
                2L, done(run(new double[] {.1, .3, .6}, new double[] {40, 35, 30}, .05), "disc"))));
  }

  private static Threshold.Verdict judge(String threshold) {
    return new ThresholdReader("test", List.of("a", "b", "c", "d"))
        .read(ConfigFactory.parseString("says = it works\n" + threshold.replace(" | ", "\n")))
        .judge(results());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        // means over the seeds: 21 and 28
        "value { arm = a, of = kidReference } | at-most = 21 # met # 21.0",
        "value { arm = a, of = kidReference } | below = 21 # not met # 21.0",
        "value { arm = a, of = kidReference } | at-least = 20 | at-most = 20.9 # not met # 21.0",
        "value { arm = b, of = kidReference } | less { arm = a, of = kidReference } | above = 5"
            + " # met # 7.000 (28.0 less 21.0)",
        "value { arm = a, of = kidReference } | less { arm = b, of = kidReference } | at-most = -7"
            + " # met # -7.000 (21.0 less 28.0)",
        // each seed: -10 and -4
        "value { arm = a, of = kidReference } | less { arm = b, of = kidReference } | below = -5 | over"
            + " = each # not met # seed 1: -10.0 (20.0 less 30.0); seed 2: -4.000 (22.0 less 26.0)",
        "value { arm = a, of = styleShare, at = 10 } | at-least = 0.45 # met # .450",
        "value { arm = a, of = styleShare, at = 0 } | at-least = 0.45 # not met # .100",
        // means of the steps 16 to 20 and 1 to 5, 18 and 3: (.36 - .06 + .72 - .12) / 2 = .45, .75
        "value { arm = a, of = reward/jpeg, since = 0 } | per { arm = b, of = reward/jpeg, since = 0"
            + " } | at-least = 0.6 # met # .600 (.450 per .750)",
        // .5 lies in the middle of .4 and .6, and on .5
        "value { arm = a, of = styleShare, until = 0.5, in = steps } | at-most = 12.5 # met # 12.5",
        "value { arm = a, of = styleShare, until = 0.5, in = seconds } | at-most = 37 # not met #"
            + " 37.5",
        "value { arm = a, of = styleShare, until = 0.05, in = seconds } | at-most = 1 # met # .000",
      })
  void shouldJudgeByWhatWasMeasured(String threshold, String outcome, String figure) {
    Threshold.Verdict verdict = judge(threshold);
    assertEquals(figure, verdict.figure());
    assertEquals(outcome, verdict.outcome().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "not-measured = there are no people # not measured # there are no people",
        "value { arm = c, of = kidReference } | at-most = 99 # not measured # seed 2: arm c: exit"
            + " code 1: no memory",
        "value { arm = c, of = kidReference } | at-most = 9 | over = each # not met # seed 1: 30.0;"
            + " seed 2: arm c: exit code 1: no memory",
        "value { arm = a, of = kidReference, at = 15 } | at-most = 99 # not measured # seed 1: kidReference"
            + " of arm a was not measured at step 15",
        "value { arm = a, of = reward/ocr } | at-most = 99 # not measured # seed 1: arm a measures no"
            + " reward/ocr, only elapsed, kidReference, reward/jpeg, styleShare",
        // what never comes takes longer than any limit, but nothing is said by being faster than it
        "value { arm = b, of = styleShare, until = 0.5, in = steps } | at-most = 99 # not met #"
            + " seed 2: styleShare of arm b did not come to .500",
        "value { arm = b, of = styleShare, until = 0.5, in = steps } | at-least = 9 # not measured #"
            + " seed 2: styleShare of arm b did not come to .500",
        "value { arm = a, of = styleShare, until = 0.5, in = steps } | per { arm = b, of ="
            + " styleShare, until = 0.5, in = steps } | at-most = 0.8 # not measured # seed 2: styleShare of"
            + " arm b did not come to .500",
        "value { arm = a, of = styleShare, until = 0.5, in = seconds } | per { arm = d, of ="
            + " styleShare, until = 0.5, in = seconds } | at-most = 9 | over = each # not measured # seed 1:"
            + " .900 (45.0 per 50.0); seed 2: seconds of different machines say nothing: chip and disc",
      })
  void shouldGiveNoFigureWhereThereIsNone(String threshold, String outcome, String figure) {
    Threshold.Verdict verdict = judge(threshold);
    assertEquals(figure, verdict.figure());
    assertEquals(outcome, verdict.outcome().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "value { arm = e, of = x } | at-most = 1 # there is no arm e; arms: a, b, c, d",
        "value { arm = a, of = x } # has one of at-least, at-most, above and below",
        "value { arm = a, of = x } | at-most = 1 | above = 0 # its ends are of two kinds",
        "value { arm = a, of = x, until = 1 } | at-most = 1 # until and in go together",
        "value { arm = a, of = x, until = 1, in = hours } | at-most = 1 # in = hours, must be one of",
        "value { arm = a, of = x, until = 1, in = steps, at = 3 } | at-most = 1 # leave out at",
        "value { arm = a, of = x, at = -1 } | at-most = 1 # at = -1, must not be negative",
        "value { arm = a, of = x } | at-most = 1 | over = median # over = median, must be one of",
        "value { arm = a, off = x } | at-most = 1 # unknown key off of a quantity; did you mean of?",
        "value { arm = a, of = x } | atmost = 1 # unknown key atmost of a threshold; did you mean",
        "not-measured = no | at-most = 1 # not-measured goes with says alone",
      })
  void shouldRefuseWhatItCannotJudge(String threshold, String message) {
    String said = assertThrows(InvalidConfigException.class, () -> judge(threshold)).getMessage();
    assertTrue(said.contains(message), said);
  }

  @Test
  void shouldNeedAValue() {
    assertThrows(ConfigException.Missing.class, () -> judge("at-most = 1"));
  }
}
