package io.atelier.actors.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.atelier.actors.run.alarm.RunCurves;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ResultPageTest {

  private static final long NOON = 1_767_268_800_000L; // of 1 January 2026

  private static Results.Run run(double base, double kid) {
    RunCurves run = new RunCurves(new TreeMap<>(), new TreeMap<>());
    run.steps().put(4, Map.of("elapsed", 90.0, "time", (double) NOON));
    run.evaluations().put(0, Map.of("kidReference", base, "styleShare", 0.1));
    run.evaluations().put(4, Map.of("kidReference", kid, "styleShare", 0.5));
    return new Results.Run(Optional.of(run), "", "chip");
  }

  private static ResultPage page(Results.Run other) {
    List<Arm> arms =
        List.of(
            new Arm.Trained("a", "dev", List.of()), new Arm.Trained("b", "dev", List.of("x=1")));
    List<Threshold> thresholds = List.of(new Threshold("all is well", Optional.empty(), "why"));
    return new ResultPage(
        new Experiment("name", "Which?", 9, List.of(1L, 2L), List.of(), arms, thresholds),
        new Results(
            List.of(1L, 2L),
            Map.of(
                "a", Map.of(1L, run(39, 20), 2L, run(39, 22)),
                "b", Map.of(1L, run(39, 125), 2L, other))));
  }

  private static List<String> lines(ResultPage page) {
    return page.lines(new ResultPage.Made("chip", "atelier 1", 3), "name.svg");
  }

  @Test
  void shouldTellMeansAndSpreads() {
    // Of 20 and 22 the mean is 21 and the deviation of one of them the root of 2.
    List<String> lines = lines(page(run(39, 125)));
    assertEquals(
        "`./atelier experiment name.conf --seeds 1,2`: chip, atelier 1; 3 at a time, 2026-01-01",
        lines.get(4));
    assertTrue(lines.contains("| base | | .100 | 39.0 | |"), "" + lines);
    assertTrue(lines.contains("| a | 2 | .500 ± .000 | 21.0 ± 1.414 | 1.500 ± .000 |"), "" + lines);
    assertTrue(lines.contains("| all is well | why | **not measured** |"), "" + lines);
    assertTrue(lines.stream().noneMatch(line -> line.contains("not done")), "" + lines);
  }

  @Test
  void shouldNameWhatIsMissing() {
    List<String> lines = lines(page(new Results.Run(Optional.empty(), "no memory", "chip")));
    assertTrue(lines.contains("| b | 1 of 2 | .500 | 125 | 1.500 |"), "" + lines);
    assertTrue(lines.contains("- b, seed 2: no memory"), "" + lines);
  }

  @Test
  void shouldNotCallTwoBasesOne() {
    List<String> lines = lines(page(run(41, 125)));
    assertTrue(lines.contains("| base of a, b | | .100 | 39.0 | |"), "" + lines);
    assertTrue(lines.contains("| base of b | | .100 | 41.0 | |"), "" + lines);
  }

  @Test
  void shouldDrawALineForEachArm() throws Exception {
    String svg = page(run(39, 125)).chart();
    assertEquals(4, svg.split("<polyline", -1).length - 1, "two arms in two panels");
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
    // The highest KID is 125, so the axis ends at 200: 21 lies at 26 + 200 (1 - 21 / 200) = 205.
    assertTrue(svg.contains("300.0,205.0"), svg);
  }
}
