package io.atelier.actors.run.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.run.alarm.Alarms.Alarm;
import io.atelier.actors.run.alarm.Alarms.Course;
import io.atelier.actors.run.file.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is raised after each step of the runs that docs/experiments.md tells of. */
class PublishedAlarmsTest {

  private static final Path RUNS =
      Path.of(System.getProperty("atelier.root", ".."), "docs/experiments/runs");

  private static RunCurves curves(String run) throws IOException {
    JsonNode json = Json.MAPPER.readTree(RUNS.resolve(run + ".json").toFile());
    RunCurves curves = new RunCurves(lines(json.get("steps")), lines(json.get("evaluations")));
    // what is published of a run with one reward leaves out the sum, which is the same
    curves.steps().values().forEach(line -> line.put("reward/total", reward(line)));
    return curves;
  }

  private static double reward(Map<String, Double> line) {
    return line.entrySet().stream()
        .filter(e -> e.getKey().startsWith("reward/"))
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  private static SortedMap<Integer, Map<String, Double>> lines(JsonNode json) {
    SortedMap<Integer, Map<String, Double>> lines = new TreeMap<>();
    for (Map.Entry<String, JsonNode> line : json.properties()) {
      Map<String, Double> values = new HashMap<>();
      for (Map.Entry<String, JsonNode> value : line.getValue().properties()) {
        values.put(value.getKey(), value.getValue().asDouble());
      }
      lines.put(Integer.parseInt(line.getKey()), values);
    }
    return lines;
  }

  /**
   * Names of alarms by the step after which they are raised; an evaluation ends before the next.
   */
  private static SortedMap<Integer, List<String>> raised(RunCurves whole) {
    SortedMap<Integer, List<String>> raised = new TreeMap<>();
    for (int step = 0; step <= whole.trained(); step++) {
      RunCurves until =
          new RunCurves(
              new TreeMap<>(whole.steps().headMap(step + 1)),
              new TreeMap<>(whole.evaluations().headMap(step + 1)));
      List<Alarm> alarms = Alarms.of(Course.of(until));
      if (!alarms.isEmpty()) {
        raised.put(step, alarms.stream().map(Alarm::name).toList());
      }
    }
    return raised;
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev-be69625a-seed-1", "awm-fast-bc29b713-seed-1"})
  void shouldRaiseNoneAtAnyStepOfARunThatGetsBetter(String run) throws IOException {
    RunCurves curves = curves(run);
    assertTrue(curves.trained() >= 32 && curves.evaluations().size() >= 5, "it is a whole run");
    assertEquals(Map.of(), raised(curves));
  }

  /** Evaluated at 0, 20, 40, 60 and 80: the images are better than the base's up to step 20. */
  @Test
  void shouldRaiseHackingFromTheFirstEvaluationWhereItShows() throws IOException {
    SortedMap<Integer, List<String>> raised = raised(curves("jpeg-beb6b57f-seed-1"));
    assertEquals(40, raised.firstKey(), raised::toString);
    assertEquals(41, raised.size(), "it stays");
    raised.values().forEach(names -> assertTrue(names.contains("hacking"), names::toString));
  }
}
