package io.atelier.actors.web.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigException;
import io.atelier.actors.config.ConfigDifferences;
import io.atelier.actors.config.section.InvalidConfigException;
import io.atelier.actors.run.file.Storage;
import io.atelier.actors.web.index.Answer;
import io.atelier.actors.web.index.FileMark;
import io.atelier.actors.web.index.LastLine;
import io.atelier.actors.web.index.LineIndex;
import io.atelier.actors.web.index.Thumbnails;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/**
 * One run, as its folder shows it now. Reads only what it is asked for. A damaged or half-written
 * folder gives a message. Thread-safe.
 */
public final class RunView {

  private static final long LARGEST_CONFIG = 4L << 20;

  private final String id;
  private final Path folder;
  private final RunContents contents;
  private final LineIndex groups;
  private final RunAlarms alarms;
  private final RunAnatomy anatomy;
  private final RunCheckpoints checkpoints;
  private final RunLabels labels;

  private FileMark configMark = FileMark.NONE;
  private Optional<ConfigDifferences> config = Optional.empty();
  private Optional<String> configProblem = Optional.empty();

  /**
   * @param id its name in URLs
   * @param folder its real path
   */
  public RunView(String id, Path folder, Thumbnails thumbnails) {
    this.id = id;
    this.folder = folder;
    this.contents = new RunContents(folder, thumbnails);
    this.groups = new LineIndex(folder.resolve("groups.jsonl"), LineIndex.Named.NONE);
    this.alarms = new RunAlarms(folder, groups);
    this.anatomy = new RunAnatomy(groups);
    this.checkpoints = new RunCheckpoints(folder);
    this.labels = new RunLabels(folder, contents, groups);
  }

  String id() {
    return id;
  }

  public Path folder() {
    return folder;
  }

  public RunContents contents() {
    return contents;
  }

  public RunLabels labels() {
    return labels;
  }

  public String name() {
    return String.valueOf(folder.getFileName());
  }

  public RunVotes votes() {
    return new RunVotes(folder);
  }

  // ---------------------------------------------------------------- the whole run

  /**
   * Returns its entry in a list of runs.
   *
   * @param now milliseconds since 1970
   */
  public Map<String, Object> brief(long now) {
    Map<String, Object> brief = new LinkedHashMap<>();
    brief.put("id", id);
    brief.put("name", name());
    brief.put("folder", folder.toString());
    RunState state = RunState.read(folder, now);
    brief.put("state", state.name());
    List<String> problems = new ArrayList<>();
    state.problem().ifPresent(problems::add);
    try {
      JsonNode step = LastLine.of(folder.resolve("metrics.jsonl"));
      JsonNode evaluation = LastLine.of(folder.resolve("evaluations.jsonl"));
      brief.put("step", step.path("step").asInt(state.json().path("step").asInt(0)));
      brief.put("steps", steps(state));
      brief.put("reward", step.get("reward/total"));
      brief.put("evaluation", evaluation.isObject() ? evaluation : null);
      brief.put("changed", FileMark.of(folder.resolve("metrics.jsonl")).changed());
    } catch (IOException e) {
      problems.add("the folder cannot be read: " + Storage.reason(e));
    }
    brief.put("problems", problems);
    return brief;
  }

  private Integer steps(RunState state) {
    JsonNode steps = state.json().path("steps");
    return steps.isInt()
        ? (Integer) steps.asInt()
        : config().flatMap(c -> c.number("run.steps")).map(Number::intValue).orElse(null);
  }

  /** Returns {@link #brief} and what a page needs to know which files of the run to ask for. */
  public Map<String, Object> state(long now) throws IOException {
    Map<String, Object> state = brief(now);
    RunState said = RunState.read(folder, now);
    state.put("silent", said.silent() < 0 ? null : said.silent());
    if (said.json() instanceof ObjectNode json) {
      for (String key :
          List.of("secondsPerStep", "started", "host", "pid", "cause", "program", "epoch")) {
        state.put(key, json.get(key));
      }
    }
    Map<String, Object> files = new TreeMap<>();
    for (String name : RunContents.FILES.keySet()) {
      mark(files, name);
    }
    mark(files, "pictures/index.jsonl");
    state.put("files", files);
    Map<String, List<Integer>> grids = new TreeMap<>();
    for (String name : images()) {
      Matcher parts = RunContents.GRID.matcher(name);
      if (parts.matches()) {
        String kind = parts.group(1) == null ? "all" : parts.group(1).replace("-", "");
        grids
            .computeIfAbsent(kind, added -> new ArrayList<>())
            .add(Integer.parseInt(parts.group(2)));
      }
    }
    state.put("grids", grids);
    return state;
  }

  private void mark(Map<String, Object> files, String name) throws IOException {
    FileMark mark = FileMark.of(folder.resolve(name));
    if (mark.exists()) {
      files.put(name, Map.of("key", mark.key(), "size", mark.size()));
    }
  }

  private List<String> images() throws IOException {
    try (Stream<Path> entries = Files.list(folder.resolve("images"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  // ---------------------------------------------------------------- parts of it

  /**
   * Returns the groups of a step with their pictures and labels, or the steps that there are.
   *
   * @param step null for the steps
   */
  public Answer groups(Integer step) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    if (step == null) {
      answer.put("steps", groups.steps());
      answer.put("damaged", groups.damaged());
      return Answer.json(answer);
    }
    List<JsonNode> pictures = contents.pictures().lines(step);
    for (JsonNode picture : pictures) {
      if (picture instanceof ObjectNode line) {
        line.put("kept", contents.isKept(line.path("file").asText()));
      }
    }
    answer.put("labels", labels.mark(pictures).orElse(null));
    answer.put("step", step);
    answer.put("groups", groups.lines(step));
    answer.put("pictures", pictures);
    return Answer.json(answer);
  }

  /** Returns the alarms; see {@link io.atelier.actors.run.alarm.Alarms}. */
  public Answer alarms(long now) throws IOException {
    return Answer.json(alarms.now(RunState.read(folder, now).works(), now, config()));
  }

  /** Returns what the rewards are worth. */
  public Answer worth() throws IOException {
    return Answer.json(alarms.worth());
  }

  /** Returns where the time of the last groups went. */
  public Answer anatomy(long now) throws IOException {
    return Answer.json(anatomy.now(alarms.now(RunState.read(folder, now).works(), now, config())));
  }

  /** Returns its checkpoints, from which it can resume and other runs can begin. */
  public Answer checkpoints() throws IOException {
    return Answer.json(checkpoints.newest());
  }

  /** Returns how its configuration differs from the defaults. */
  public Answer settings() {
    Map<String, Object> answer = new LinkedHashMap<>();
    Optional<ConfigDifferences> differences = config();
    answer.put("preset", differences.map(ConfigDifferences::preset).orElse(null));
    answer.put("rows", differences.map(ConfigDifferences::rows).orElse(List.of()));
    answer.put("problem", configProblem.orElse(null));
    return Answer.json(answer);
  }

  /** Returns a number of its configuration; empty if that is not known. */
  public Optional<Number> setting(String key) {
    return config().flatMap(known -> known.number(key));
  }

  private synchronized Optional<ConfigDifferences> config() {
    Path file = folder.resolve("config.conf");
    try {
      FileMark mark = FileMark.of(file);
      if (mark.exists() && mark.size() <= LARGEST_CONFIG && mark.equals(configMark)) {
        return config;
      }
      config = Optional.empty();
      configMark = mark;
      configProblem = Optional.of("this folder has no config.conf, so its settings are not known");
      if (mark.size() > LARGEST_CONFIG) {
        configProblem = Optional.of("config.conf has %d bytes, too many".formatted(mark.size()));
      } else if (mark.exists()) {
        config = Optional.of(ConfigDifferences.of(Files.readString(file)));
        configProblem = Optional.empty();
      }
    } catch (IOException e) {
      configProblem = Optional.of("config.conf cannot be read: " + Storage.reason(e));
    } catch (ConfigException | InvalidConfigException e) {
      configProblem =
          Optional.of(
              "config.conf is not read: " + e.getMessage().lines().findFirst().orElse("damaged"));
    }
    return config;
  }
}
