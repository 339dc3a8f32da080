package io.atelier.actors.web.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.atelier.actors.config.ConfigDifferences;
import io.atelier.actors.run.alarm.Alarms;
import io.atelier.actors.run.alarm.RewardWorth;
import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.web.index.FileMark;
import io.atelier.actors.web.index.LineIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** Collects the inputs of {@link Alarms} from the files of a run. Thread-safe. */
final class RunAlarms {

  /** Most steps whose parts are compared. */
  private static final int STEPS = 60;

  /** Bytes of curves that are read: a step has about two thousand. */
  private static final long LARGEST = 256L << 20;

  private final RunFiles files;
  private final LineIndex groups;

  private List<FileMark> marks = List.of();
  private RunCurves curves = new RunCurves(new TreeMap<>(), new TreeMap<>());
  private SortedMap<Integer, Map<String, Double>> phases = new TreeMap<>();
  private Optional<String> problem = Optional.empty();

  RunAlarms(Path folder, LineIndex groups) {
    this.files = new RunFiles(folder);
    this.groups = groups;
  }

  /**
   * The result.
   *
   * @param hint at what the run waits for; null if there is an alarm, or too little is known
   * @param problem why there can be no alarms; null if there can
   */
  record Said(List<Alarms.Alarm> alarms, String hint, String problem) {}

  /**
   * Returns the alarms, and a hint if there are none.
   *
   * @param works since when steps are to be expected, milliseconds since 1970; empty if none are
   * @param now milliseconds since 1970
   */
  synchronized Said now(OptionalLong works, long now, Optional<ConfigDifferences> config)
      throws IOException {
    refresh();
    FileMark metrics = marks.get(0);
    FileMark evaluations = marks.get(1);
    OptionalInt limit =
        config
            .filter(c -> c.text("schedule.mode").filter("free-running"::equals).isPresent())
            .flatMap(c -> c.number("schedule.policy-lag"))
            .map(lag -> OptionalInt.of(lag.intValue()))
            .orElse(OptionalInt.empty());
    OptionalDouble waited =
        works.isPresent()
            ? OptionalDouble.of(
                (now
                        - Math.max(
                            works.getAsLong(), Math.max(metrics.changed(), evaluations.changed())))
                    / 1e3)
            : OptionalDouble.empty();
    Alarms.Course course = new Alarms.Course(curves, phases, limit, waited);
    return new Said(Alarms.of(course), Alarms.hint(course).orElse(null), problem.orElse(null));
  }

  /** Returns what the rewards are worth; see {@link RewardWorth}. */
  synchronized Map<String, Object> worth() throws IOException {
    refresh();
    return RewardWorth.of(curves, files);
  }

  private void refresh() throws IOException {
    List<FileMark> current =
        List.of(FileMark.of(files.metrics()), FileMark.of(files.evaluations()));
    if (!current.equals(marks)) {
      read();
      marks = current;
    }
  }

  private void read() throws IOException {
    problem = Optional.empty();
    if (Files.isSymbolicLink(files.metrics()) || Files.isSymbolicLink(files.evaluations())) {
      problem = Optional.of("the curves of this folder are links, which are not followed");
      return;
    }
    if (Files.exists(files.metrics()) && Files.size(files.metrics()) > LARGEST) {
      problem = Optional.of("no alarms, since metrics.jsonl is larger than any run's");
      return;
    }
    try {
      curves = RunCurves.read(files);
    } catch (RunFolderException e) {
      problem = Optional.of("no alarms, since " + e.getMessage());
    } catch (NullPointerException | ClassCastException e) { // a line written by another program
      problem = Optional.of("no alarms, since a line of the curves has no step");
    }
    phases = phases();
  }

  private SortedMap<Integer, Map<String, Double>> phases() throws IOException {
    SortedMap<Integer, Map<String, Double>> all = new TreeMap<>();
    SortedSet<Integer> steps = groups.steps();
    for (int step : steps.stream().skip(Math.max(0, steps.size() - STEPS)).toList()) {
      Map<String, Double> means = new TreeMap<>();
      List<JsonNode> lines = groups.lines(step);
      for (JsonNode line : lines) {
        RunAnatomy.seconds(line)
            .forEach((phase, seconds) -> means.merge(phase, seconds / lines.size(), Double::sum));
      }
      all.put(step, means);
    }
    return all;
  }
}
