package io.atelier.actors.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atelier.actors.port.Clock;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.FileMark;
import io.atelier.actors.web.index.LineIndex;
import io.atelier.actors.web.index.Thumbnails;
import io.atelier.actors.web.view.RunView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The data of a run in {@code report.html}: the answers that the page's modules would ask a server
 * for, by path. It stays small enough to be mailed, and says what it leaves out.
 */
final class ReportData {

  /** Most evaluations, and steps whose groups are shown, in one report, evenly spaced. */
  static final int SHOWN = 12;

  /** Most steps whose measurements are in one report, evenly spaced. */
  static final int STEPS = 2000;

  /** Most characters of all pictures. */
  private static final long PICTURES = 8L << 20;

  /** Most characters of all maps of places: at 1024 pixels a picture can have 100,000. */
  private static final long MAPS = 4L << 20;

  private static final String PLACES = "places";
  private static final String ID = "report";
  private static final String BASE = "/run/" + ID;
  private static final String FILE = "file";

  /** Side of the pictures of all highest and all lowest rewards of a step. */
  private static final int GRID = 1024;

  /** Most references of a prompt: the page shows no more at once. */
  private static final int REFERENCES = 2;

  private final Path folder;
  private final Clock clock;
  private final RunView run;
  private final LineIndex metrics;
  private final ReportPictures pictures;

  /**
   * @param folder its real path
   */
  ReportData(Path folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
    this.run = new RunView(ID, folder, new Thumbnails(0));
    this.metrics = new LineIndex(folder.resolve("metrics.jsonl"), LineIndex.Named.NONE);
    this.pictures = new ReportPictures(run.contents(), PICTURES);
  }

  /**
   * Reads the files as they are now.
   *
   * @param name state of the run
   * @return {@code answers} by path, texts or JSON; {@code pictures} by name, as data URLs
   */
  Map<String, Object> answers(String name) throws IOException {
    pictures.begin();
    List<String> left = new ArrayList<>();
    Map<String, Object> answers = new LinkedHashMap<>();
    long now = clock.epochMillis();
    answers.put(BASE + "/alarms", json(run.alarms(now)));
    answers.put(BASE + "/worth", worth());
    answers.put(BASE + "/anatomy", json(run.anatomy(now)));
    answers.put(BASE + "/checkpoints", json(run.checkpoints()));
    answers.put(BASE + "/config", json(run.settings()));
    answers.put(file("metrics.jsonl"), metrics(left));
    answers.put(file("evaluations.jsonl"), text("evaluations.jsonl"));
    answers.put(file("nodes.jsonl"), text("nodes.jsonl"));
    answers.put(file("config.conf"), text("config.conf"));
    answers.put(file("shown.jsonl"), shown(left));
    answers.put(file("references.jsonl"), references());
    groups(answers, left);
    if (pictures.leftOut() > 0) {
      left.add("%d picture(s)".formatted(pictures.leftOut()));
    }
    answers.put(BASE + "/state", state(name, now, left));
    answers.put("/runs", List.of(Map.of("id", ID)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("answers", answers);
    all.put("pictures", pictures.all());
    return all;
  }

  private static String file(String name) {
    return BASE + "/file/" + name;
  }

  private Map<String, Object> state(String name, long now, List<String> left) throws IOException {
    Map<String, Object> state = run.state(now);
    state.put("state", name);
    state.put("made", now);
    state.put(
        "note",
        left.isEmpty()
            ? null
            : "To stay small this report leaves out %s; ./atelier view %s shows all."
                .formatted(String.join(", ", left), folder));
    state.put("grids", Map.of());
    return state;
  }

  private Object worth() throws IOException {
    JsonNode worth = json(run.worth());
    int step = worth.path("step").asInt(-1);
    for (String end : List.of("highest", "lowest")) {
      if (step >= 0) {
        pictures.add("images/%s-step-%06d.png".formatted(end, step), GRID);
      }
    }
    return worth;
  }

  private String text(String name) throws IOException {
    Path file = folder.resolve(name);
    // bytes that are not UTF-8 are replaced: a report does not fail because of them
    return FileMark.of(file).exists() ? new String(Files.readAllBytes(file), UTF_8) : "";
  }

  /** Returns the lines of the curves, or some of them in a very long run. */
  private String metrics(List<String> left) throws IOException {
    List<Integer> steps = List.copyOf(metrics.steps());
    if (steps.size() <= STEPS) {
      return text("metrics.jsonl");
    }
    List<Integer> chosen = spaced(steps, STEPS);
    left.add("the measurements of %d step(s)".formatted(steps.size() - chosen.size()));
    StringBuilder lines = new StringBuilder();
    for (int step : chosen) {
      append(lines, last(metrics.lines(step)));
    }
    return lines.toString();
  }

  private String shown(List<String> left) throws IOException {
    LineIndex shown = run.contents().shown();
    List<Integer> steps = List.copyOf(shown.steps());
    List<Integer> chosen = spaced(steps, SHOWN);
    if (chosen.size() < steps.size()) {
      left.add("the pictures of %d evaluation(s)".formatted(steps.size() - chosen.size()));
    }
    StringBuilder lines = new StringBuilder();
    for (int step : chosen) {
      JsonNode line = last(shown.lines(step));
      for (JsonNode image : line.path("images")) {
        pictures.addSmall("images/" + image.path(FILE).asText(), image.path("width").asInt());
      }
      append(lines, line);
    }
    return lines.toString();
  }

  private String references() throws IOException {
    StringBuilder kept = new StringBuilder();
    for (JsonNode line : run.contents().references().lines(LineIndex.NO_STEP)) {
      if (!(line instanceof ObjectNode prompt)) {
        continue; // by another program; the others stay readable
      }
      ArrayNode files = Answer.JSON.createArrayNode();
      for (JsonNode name : line.path("files")) {
        if (files.size() < REFERENCES) {
          files.add(name);
          pictures.addSmall("images/" + name.asText(), Integer.MAX_VALUE);
        }
      }
      append(kept, prompt.set("files", files));
    }
    return kept.toString();
  }

  /** Adds groups from the newest step on, so that older ones are left out for their size. */
  private void groups(Map<String, Object> answers, List<String> left) throws IOException {
    ObjectNode said = (ObjectNode) json(run.groups(null));
    List<Integer> steps = new ArrayList<>();
    said.path("steps").forEach(step -> steps.add(step.asInt()));
    List<Integer> chosen = spaced(steps, SHOWN);
    if (chosen.size() < steps.size()) {
      left.add("the groups of %d step(s)".formatted(steps.size() - chosen.size()));
    }
    said.set("steps", Answer.JSON.valueToTree(chosen));
    answers.put(BASE + "/groups", said);
    Map<Integer, JsonNode> bySteps = new TreeMap<>();
    long maps = 0;
    int without = 0;
    for (int i = chosen.size() - 1; i >= 0; i--) {
      JsonNode step = json(run.groups(chosen.get(i)));
      for (JsonNode picture : step.path("pictures")) {
        boolean within =
            picture.path("kept").asBoolean()
                && pictures.addSmall(
                    "pictures/" + picture.path(FILE).asText(), picture.path("width").asInt());
        ((ObjectNode) picture).put("kept", within);
        maps += picture.path(PLACES).toString().length();
        if (maps > MAPS && ((ObjectNode) picture).remove(PLACES) != null) {
          without++;
        }
      }
      bySteps.put(chosen.get(i), step);
    }
    if (without > 0) {
      left.add("maps of places of %d picture(s)".formatted(without));
    }
    bySteps.forEach((step, lines) -> answers.put(BASE + "/groups?step=" + step, lines));
  }

  /** Returns at most {@code most} of a list, with its first and its last. */
  static List<Integer> spaced(List<Integer> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    List<Integer> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(all.get((int) ((long) i * (all.size() - 1) / (most - 1))));
    }
    return some;
  }

  /** Returns the last line of a step, which is the one that counts. */
  private static JsonNode last(List<JsonNode> lines) {
    return lines.isEmpty() ? Answer.JSON.createObjectNode() : lines.get(lines.size() - 1);
  }

  private static void append(StringBuilder lines, JsonNode line) {
    lines.append(line).append('\n');
  }

  private static JsonNode json(Answer answer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    answer.body().writeTo(bytes);
    return Answer.JSON.readTree(bytes.toString(UTF_8));
  }
}
