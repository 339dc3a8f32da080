package io.atelier.actors.run.record;

import io.atelier.actors.identity.Identity;
import io.atelier.actors.run.checkpoint.Checkpoint;
import io.atelier.actors.run.file.JsonLines;
import io.atelier.actors.run.file.RunFiles;
import io.atelier.actors.run.folder.RunIdentity;
import io.atelier.actors.run.metrics.MeasuredPrompts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run folder says about one of its checkpoints, for an export of the weights.
 *
 * @param step steps trained
 * @param run name of the run folder; empty for a checkpoint outside one
 * @param identity what the run is; empty if an older program began it
 * @param measurements evaluations up to this step, by step; empty if there are none
 * @param grid the latest image grid of the policy up to this step
 */
public record RunFacts(
    int step,
    Optional<String> run,
    Optional<Identity> identity,
    List<Measurement> measurements,
    Optional<Path> grid) {

  /**
   * One evaluation.
   *
   * @param heading the kind of prompts measured on, in words
   * @param metrics finite values by name, ascending
   */
  public record Measurement(int step, String heading, Map<String, Double> metrics) {}

  /** Numeric keys of an evaluation's line that do not measure the images. */
  private static final List<String> NO_METRICS = List.of("step", "seconds");

  /** Reads the facts of a checkpoint after verifying it against its manifest. */
  public static RunFacts of(Path checkpoint) {
    int step = Checkpoint.verify(checkpoint);
    Optional<Identity> identity = RunIdentity.ofCheckpoint(checkpoint).map(RunIdentity::now);
    Path folder = checkpoint.toAbsolutePath().normalize().getParent();
    if (folder == null
        || folder.getParent() == null
        || !folder.equals(new RunFiles(folder.getParent()).checkpoints())) {
      return new RunFacts(step, Optional.empty(), identity, List.of(), Optional.empty());
    }
    RunFiles files = new RunFiles(folder.getParent());
    Optional<Path> grid = Optional.empty();
    for (int at = step; grid.isEmpty() && at >= 0; at--) {
      grid = Optional.of(files.grid(at)).filter(Files::isRegularFile);
    }
    return new RunFacts(
        step,
        Optional.of(files.root().getFileName().toString()),
        identity,
        measurements(files, step),
        grid);
  }

  private static List<Measurement> measurements(RunFiles files, int last) {
    List<Measurement> all = new ArrayList<>();
    if (Files.notExists(files.evaluations())) {
      return all;
    }
    for (Map<String, Object> line : JsonLines.read(files.evaluations())) {
      if (line.get("step") instanceof Number step && step.intValue() <= last) {
        Map<String, Double> metrics = new TreeMap<>();
        line.forEach(
            (key, value) -> {
              if (value instanceof Number number && !NO_METRICS.contains(key)) {
                metrics.put(key, number.doubleValue());
              }
            });
        String heading = MeasuredPrompts.headingOf(line.get("prompts"));
        all.add(new Measurement(step.intValue(), heading, metrics));
      }
    }
    return all;
  }
}
