package io.atelier.actors.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atelier.actors.run.alarm.RunCurves;
import io.atelier.actors.run.file.ReadFailedException;
import io.atelier.actors.run.file.RunFolderException;
import io.atelier.actors.run.file.WriteFailedException;
import io.atelier.models.files.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The measurements of a run, without the run: kept beside a page, so that the page can be made
 * again, and with more seeds, on another day and another machine.
 *
 * @param machine its processors
 * @param program name and version
 * @param deciding everything that decides the result, by key
 * @param steps see {@link RunCurves}
 * @param evaluations see {@link RunCurves}
 */
record Published(
    String machine,
    String program,
    SortedMap<String, String> deciding,
    SortedMap<Integer, Map<String, Double>> steps,
    SortedMap<Integer, Map<String, Double>> evaluations) {

  private static final Pattern NAME = Pattern.compile(".*-seed-(\\d{1,19})\\.json");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /**
   * @param kept names of the step measurements that are kept; those of evaluations all are
   */
  static Published of(
      ArmRun run, RunCurves curves, Set<String> kept, String machine, String program) {
    SortedMap<Integer, Map<String, Double>> steps = new TreeMap<>();
    curves
        .steps()
        .forEach(
            (step, line) -> {
              SortedMap<String, Double> own = new TreeMap<>(line);
              own.keySet().retainAll(kept);
              steps.put(step, own);
            });
    return new Published(machine, program, run.deciding(), steps, curves.evaluations());
  }

  RunCurves curves() {
    return new RunCurves(steps, evaluations);
  }

  /** Returns the seed of the run of such a file; empty for other files. */
  static Optional<Long> seed(Path file) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    return name.matches() ? Optional.of(Long.parseUnsignedLong(name.group(1))) : Optional.empty();
  }

  private static Path file(ArmRun run, Path folder) {
    String key = run.key();
    return folder.resolve(key.endsWith(".json") ? key : key + ".json");
  }

  /**
   * Finds the measurements of a run, if it is published in this folder.
   *
   * @throws RunFolderException if it was made with other settings
   */
  static Optional<Published> find(ArmRun run, Path folder) {
    Path file = file(run, folder);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    Published published;
    try {
      published = JSON.readValue(Files.readAllBytes(file), Published.class);
    } catch (JsonProcessingException e) {
      throw new RunFolderException(
          "%s is damaged: %s; delete it".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new ReadFailedException(file, e);
    }
    ArmRun.difference(published.deciding, run.deciding())
        .ifPresent(
            difference -> {
              throw new RunFolderException(
                  "%s was made with %s; delete it to have the run made again"
                      .formatted(file, difference));
            });
    return Optional.of(published);
  }

  /** Publishes a run. */
  void write(ArmRun run, Path folder) {
    Path file = file(run, folder);
    try {
      WholeFile.write(file, JSON.writeValueAsBytes(this));
    } catch (IOException e) {
      throw new WriteFailedException(file, e);
    }
  }
}
