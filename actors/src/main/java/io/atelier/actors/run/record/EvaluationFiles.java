package io.atelier.actors.run.record;

import io.atelier.actors.report.EvaluationReport;
import io.atelier.actors.run.alarm.Hacking;
import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.Durable;
import io.atelier.actors.run.file.Fence;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.metrics.EventFile;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import io.atelier.actors.run.picture.ImageGrid;
import io.atelier.actors.run.picture.ShownImages;
import io.atelier.rollout.Prompt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/** Writes the evaluations of a run: lines, pictures and curves. */
final class EvaluationFiles {

  /** Key of an evaluation's line: 1 if {@link Hacking.Herding} is raised, otherwise 0. */
  private static final String HERDING = "herding";

  private final RunFiles files;
  private final MeasuredPrompts measured;
  private final EventFile events;
  private final ShownImages shown;
  private final Fence fence;

  /**
   * Drops later steps from the files.
   *
   * @param trained steps trained so far
   */
  EvaluationFiles(
      RunFiles files,
      MeasuredPrompts measured,
      EventFile events,
      ShownImages shown,
      Fence fence,
      int trained) {
    this.files = files;
    this.measured = measured;
    this.events = events;
    this.shown = shown;
    this.fence = fence;
    drop(step -> step <= trained);
    shown.drop(step -> step <= trained);
  }

  /** Content hash of the policy of every recorded evaluation, by step. */
  SortedMap<Integer, String> evaluated() {
    SortedMap<Integer, String> hashes = new TreeMap<>();
    JsonLines.read(files.evaluations())
        .forEach(line -> hashes.put(step(line), String.valueOf(line.get("policyHash"))));
    return hashes;
  }

  private static int step(Map<String, Object> line) {
    return ((Number) line.get("step")).intValue();
  }

  private void drop(IntPredicate keep) {
    JsonLines.open(files.evaluations(), line -> keep.test(step(line)), fence).close();
  }

  /** Records an evaluation, replacing an earlier one of the same step; returns its line. */
  Map<String, Object> record(EvaluationReport report) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", report.step());
    line.put("policyHash", report.policyHash());
    line.put("prompts", measured.key());
    line.putAll(report.result().metrics());
    Optional<Optional<Hacking.Herding>> herding = herding(report);
    herding.ifPresent(flag -> line.put(HERDING, flag.isPresent() ? 1.0 : 0.0));
    line.put("seconds", report.seconds());
    Map<String, Double> curves = new TreeMap<>();
    String tag = measured.key();
    report.result().metrics().forEach((name, value) -> curves.put(tag + "/" + name, value));
    herding.ifPresent(flag -> curves.put(tag + "/" + HERDING, flag.isPresent() ? 1.0 : 0.0));
    events.scalars(report.step(), curves);
    shown.write(report);
    List<String> prompts = report.result().prompts().stream().map(Prompt::text).toList();
    ImageGrid grid = ImageGrid.within(report.result().images(), prompts, ImageGrid.SIDE);
    byte[] png = grid.png();
    Durable.replace(files.grid(report.step()), png, fence);
    // TensorBoard samples the pictures of a tag and may leave the first one out
    String pictures = report.step() == 0 ? tag + "/base" : tag;
    events.image(report.step(), pictures, grid.height(), grid.width(), png);
    // last: an evaluation that has a line is not repeated
    drop(step -> step != report.step());
    try (JsonLines evaluations = JsonLines.open(files.evaluations(), kept -> true, fence)) {
      evaluations.append(line);
    }
    return line;
  }

  /** Whether all rewards rose until this evaluation while the images got worse. */
  private Optional<Optional<Hacking.Herding>> herding(EvaluationReport report) {
    RunCurves curves = RunCurves.read(files);
    curves.evaluations().put(report.step(), report.result().metrics());
    return Hacking.herding(curves, report.step());
  }
}
