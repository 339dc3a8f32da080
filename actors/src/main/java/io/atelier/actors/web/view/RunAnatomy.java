package io.atelier.actors.web.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.run.alarm.Anatomy;
import io.atelier.actors.web.index.LineIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Where the time of the last groups of a run went, from {@code groups.jsonl}. Thread-safe. */
final class RunAnatomy {

  private final LineIndex groups;

  RunAnatomy(LineIndex groups) {
    this.groups = groups;
  }

  /**
   * Returns the last groups in the order in which they were trained, where their time went, and a
   * sentence that names the bottleneck, if nothing is wrong with the run.
   */
  Map<String, Object> now(RunAlarms.Said said) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    List<Integer> steps = new ArrayList<>(groups.steps());
    Collections.reverse(steps);
    for (int step : steps) {
      if (lines.size() >= Anatomy.GROUPS) {
        break;
      }
      lines.addAll(0, groups.lines(step));
    }
    List<Map<String, Object>> last = new ArrayList<>();
    List<Map<String, Double>> seconds = new ArrayList<>();
    for (JsonNode line : lines.subList(Math.max(0, lines.size() - Anatomy.GROUPS), lines.size())) {
      Map<String, Double> parts = seconds(line);
      seconds.add(parts);
      last.add(
          Map.of(
              "step", line.path("step").asInt(),
              "group", line.path("group").asText(),
              "seconds", parts));
    }
    List<Anatomy.Part> parts = Anatomy.parts(seconds);
    Optional<String> sentence =
        said.alarms().isEmpty()
            ? Optional.ofNullable(said.hint()).or(() -> Anatomy.sentence(parts))
            : Optional.empty();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("groups", last);
    answer.put("parts", parts);
    answer.put("sentence", sentence.orElse(null));
    return answer;
  }

  /**
   * Returns how long each part of a group took.
   *
   * @param line of {@code groups.jsonl}
   */
  static Map<String, Double> seconds(JsonNode line) {
    Map<String, Double> parts = new TreeMap<>();
    JsonNode known = line.path("seconds");
    known.fieldNames().forEachRemaining(part -> parts.put(part, known.get(part).asDouble()));
    return parts;
  }
}
