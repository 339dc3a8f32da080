package io.atelier.actors.run.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.ledger.model.Counts;
import io.atelier.actors.report.StepReport;
import io.atelier.actors.run.record.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StepLineTest {

  private static StepReport report(Map<String, Double> metrics, long critic) {
    return new StepReport(
        40,
        41,
        "aa",
        critic,
        critic == 0 ? "" : "bb",
        metrics,
        new TreeMap<>(Map.of(0, 4, 1, 4, 2, 4)),
        new TreeMap<>(Map.of("rollout", 0.031, "policy", 0.09, "critic", 0.8)),
        new Counts(500, 492, 0, 8, 0, 0, 0),
        96,
        5.35);
  }

  @Test
  void shouldShowWhatMatters() {
    Map<String, Double> metrics =
        Map.of("reward/total", 0.8124, "critic/accuracy", 0.64, "reward/zero-variance", 0.06);
    assertEquals(
        "step 41  policy 41  critic 40  reward .812  acc 64%  lag 0/1/2  zero-var"
            + " 6%  idle learn 9% roll 3%  18 img/s  dropped 0  eta 2h10",
        StepLine.of(report(metrics, 40), 41, 1501, 5.35));
  }

  @Test
  void shouldShowEveryCritic() {
    Map<String, Double> metrics =
        Map.of(
            "reward/total", 1.5,
            "reward/adversarial", 1.0,
            "reward/look", 0.25,
            "critic/accuracy", 0.64,
            "critic/reward-reference", 0.9,
            "critic/look/accuracy", 0.5,
            "critic/look/reward-reference", Double.NaN);
    String line = StepLine.of(report(metrics, 40), 60, 60, 1);
    String shown = "  reward 1.500  adversarial 1.000 (reference .900)  look .250  acc 64%/50%  ";
    assertTrue(line.contains(shown), line);
  }

  @Test
  void shouldLeaveOutWhatARunHasNot() {
    String line =
        StepLine.of(
            report(Map.of("reward/total", -0.5, "critic/accuracy", Double.NaN), 0), 60, 60, 1);
    assertEquals(
        "step 60  policy 41  reward -.500  lag 0/1/2  idle learn 9% roll 3%  18 img/s  dropped 0",
        line);
  }

  /** As the mean of what is normalised is, but for the last bits. */
  @Test
  void shouldShowZeroWithoutASign() {
    String line = StepLine.of(report(Map.of("reward/total", -1e-9), 0), 60, 60, 1);
    assertTrue(line.contains("  reward .000  "), line);
  }

  @Test
  void shouldShowTimeInTwoUnits() {
    assertEquals("40s", StepLine.time(39.6));
    assertEquals("3m05", StepLine.time(185));
    assertEquals("26h00", StepLine.time(26 * 3600));
  }

  private static String shown(boolean interactive) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintWriter out = new PrintWriter(bytes, true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(out, interactive);
    terminal.progress(1, 4, "evaluating");
    terminal.line("one");
    terminal.progress(2, 4, "");
    terminal.done();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldShowPlainLinesInAPipe() {
    assertEquals("one" + System.lineSeparator(), shown(false));
  }

  @Test
  void shouldKeepTheBarBeneathTheLinesOnATerminal() {
    String text = shown(true);
    int line = text.indexOf("one");
    assertTrue(text.indexOf("1/4 evaluating", line) > line, text);
    assertTrue(text.contains("[############············] 2/4"), text);
    assertTrue(text.endsWith("\r\033[K"), "the bar stays at the end");
    assertFalse(text.substring(0, line).endsWith("evaluating"), "the line begins behind the bar");
  }
}
