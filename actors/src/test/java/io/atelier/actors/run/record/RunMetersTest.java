package io.atelier.actors.run.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.run.alarm.Alarms;
import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.alarm.Alarms.Severity;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import io.atelier.actors.run.metrics.TrainedGroups;
import io.atelier.models.vision.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunMetersTest {

  private final List<Alarm> raised = new ArrayList<>();
  private final RunMeters meters = new RunMeters(80, 40, MeasuredPrompts.HELD_OUT, () -> raised);

  private static StepReport step(int step, Map<String, Double> metrics) {
    return new StepReport(
        step,
        step + 1,
        "aa",
        1,
        "bb",
        metrics,
        new TreeMap<>(Map.of(0, 1, 1, 3)),
        Map.of("rollout", 0.25),
        new Counts(500 + step, 480 + step, 2, 18, 3, 4, 5),
        96,
        10);
  }

  private static EvaluationReport evaluation(int step, double kid) {
    return new EvaluationReport(
        step,
        "h",
        new EvaluationReport.Result(
            Map.of("kidReference", kid), new Images(1, 8, 8, new byte[8 * 8 * 3]), List.of()),
        40);
  }

  private void assertHas(String... lines) {
    List<String> all = meters.scrape().lines().toList();
    for (String line : lines) {
      assertTrue(all.contains(line), line + " is not in\n" + String.join("\n", all));
    }
  }

  @Test
  void shouldCountFromWhereTheRunGoesOn() {
    assertHas("atelier_steps_trained_total 40.0", "atelier_steps_planned 80.0");
    assertFalse(meters.scrape().contains("atelier_groups_total"), "0 were never counted");
    meters.step(step(40, Map.of()));
    meters.step(step(41, Map.of()));
    assertHas(
        "atelier_steps_trained_total 42.0",
        "atelier_images_total 192.0",
        "atelier_groups_total{what=\"admitted\"} 541.0",
        "atelier_groups_total{what=\"dropped\"} 2.0",
        "atelier_lag_groups_total{lag=\"1\"} 6.0",
        "atelier_idle_share{role=\"rollout\"} 0.25");
  }

  @Test
  void shouldTellTheLastMeasurementsByTheNamesOfTheFiles() {
    meters.step(
        step(40, Map.of("reward/total", 0.5, "reward/jpeg", 1.5, "critic/look/accuracy", 0.75)));
    meters.step(step(41, Map.of("reward/total", 0.25, "critic/look/accuracy", Double.NaN)));
    meters.evaluation(evaluation(20, 39));
    meters.evaluation(evaluation(40, 21.5));
    assertHas(
        "atelier_reward{name=\"total\"} 0.25",
        "atelier_critic{name=\"look/accuracy\"} NaN",
        "atelier_evaluation{name=\"kidReference\",prompts=\"held-out\"} 21.5",
        "atelier_evaluation_step 40.0");
    assertFalse(meters.scrape().contains("jpeg"), "it is of the step before");
  }

  /**
   * Steps of 10 s, evaluations of 40 s; a group is generated in 2 ms, see {@link TrainedGroups}.
   */
  @Test
  void shouldGiveTimesAsHistograms() {
    meters.step(step(40, Map.of()));
    meters.step(step(41, Map.of()));
    meters.evaluation(evaluation(40, 21.5));
    meters.group(TrainedGroups.of(40, 0));
    assertHas(
        "# TYPE atelier_step_duration_seconds histogram",
        "atelier_step_duration_seconds_bucket{le=\"3.0\"} 0",
        "atelier_step_duration_seconds_bucket{le=\"10.0\"} 2",
        "atelier_step_duration_seconds_count 2",
        "atelier_step_duration_seconds_sum 20.0",
        "atelier_evaluation_duration_seconds_sum 40.0",
        "atelier_group_duration_seconds_sum{part=\"generate\"} 0.002");
  }

  @Test
  void shouldHaveEveryAlarmWhetherItIsRaisedOrNot() {
    for (String name : Alarms.NAMES) {
      assertHas("atelier_alarm{name=\"%s\"} 0.0".formatted(name));
    }
    raised.add(new Alarm("critic-too-good", "look", Severity.WARNING, 41, "so"));
    raised.add(new Alarm("critic-too-good", "words", Severity.WARNING, 41, "so"));
    assertHas("atelier_alarm{name=\"critic-too-good\"} 1.0", "atelier_alarm{name=\"hacking\"} 0.0");
    raised.clear();
    assertHas("atelier_alarm{name=\"critic-too-good\"} 0.0");
    assertEquals(
        Alarms.NAMES.size(),
        meters.scrape().lines().filter(line -> line.startsWith("atelier_alarm{")).count());
  }
}
